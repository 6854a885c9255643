namespace SlabGen.Zones;

/// <summary>
/// Where the pages of a zone lie, and where their memory comes from: a range of addresses, part of which may be holes.
/// </summary>
/// <remarks>
/// Pages are numbered from <see cref="Start"/>. Immutable but for the state of the memory behind it, which the zone
/// changes under its lock.
/// </remarks>
internal abstract class ZoneWindow
{
    /// <summary>The address of page 0; a multiple of the largest block's size.</summary>
    public nint Start { get; protected init; }

    /// <summary>Pages from the first to the last, holes included.</summary>
    public uint SpannedPages { get; protected init; }

    /// <summary>The parts that are there, in rising order: first page and number of pages of each.</summary>
    public PageRun[] Present { get; protected init; } = null!; // by each constructor

    /// <summary>The pages of all of them.</summary>
    public long PresentPages
    {
        get
        {
            long pages = 0;
            foreach (PageRun run in Present)
            {
                pages += run.Pages;
            }

            return pages;
        }
    }

    /// <summary>Whether a page can be used without being mapped first.</summary>
    public virtual bool IsMapped => true;

    /// <summary>Why there are fewer pages than were asked for, if so: what the window could not have.</summary>
    public string? Shortage { get; protected init; }

    /// <summary>What was asked for and is not done, such as locks or huge pages; <see langword="null"/> when all is.</summary>
    public string? Refusal { get; protected set; }

    /// <summary>How the memory is had, for diagnostics.</summary>
    public abstract string Description { get; }

    /// <summary>Makes pages usable; all of them are present. They read as zeros.</summary>
    /// <returns><see langword="false"/> when the system refuses; <see cref="Refusal"/> may say why.</returns>
    public abstract bool Commit(uint first, uint pages);

    /// <summary>Gives the memory of pages back, and makes them unusable until they are committed again.</summary>
    /// <returns><see langword="false"/> when the system refuses: they are as they were.</returns>
    public abstract bool Decommit(uint first, uint pages);

    /// <summary>Gives the memory of pages back, and leaves them usable; they read as zeros.</summary>
    /// <returns><see langword="false"/> when the system refuses: their memory stays.</returns>
    public abstract bool Discard(uint first, uint pages);

    /// <summary>Around a walk over all free blocks, of which everything is to go back; and before those that <see cref="RestoreHugePages"/> looks at.</summary>
    public virtual void BeginTrim()
    {
    }

    /// <summary>Whether a free block of which all went back, or that was never touched, may hold memory all the same: by a huge page.</summary>
    public virtual bool MayHoldMemory(uint first, uint pages) => false;

    public virtual void EndTrim()
    {
    }

    /// <summary>Lets pages have huge pages again that were kept from them because part was free.</summary>
    /// <param name="isWholeInUse">Whether all of a number of pages from the first is in use.</param>
    public virtual void RestoreHugePages(Func<uint, uint, bool> isWholeInUse)
    {
    }

    /// <summary>Ends the reservation.</summary>
    public abstract void Unmap();
}
