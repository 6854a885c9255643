namespace SlabGen.Zones;

/// <summary>
/// Where the pages of a zone lie, and where their memory comes from: a range of addresses that may have holes.
/// </summary>
/// <remarks>
/// Pages are numbered from <see cref="Start"/>. A window is immutable except for the state of the memory behind it. The
/// zone changes that under its lock.
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

    /// <summary>Why there are fewer pages than requested; <see langword="null"/> when there are not.</summary>
    public string? Shortage { get; protected init; }

    /// <summary>
    /// What was requested and could not be done, such as locks or huge pages; <see langword="null"/> when all was done.
    /// </summary>
    public string? Refusal { get; protected set; }

    /// <summary>How the memory is backed, for diagnostics.</summary>
    public abstract string Description { get; }

    /// <summary>Makes pages usable. All of them must be present. They read as zeros.</summary>
    /// <returns><see langword="false"/> when the system refuses; <see cref="Refusal"/> may say why.</returns>
    public abstract bool Commit(uint first, uint pages);

    /// <summary>
    /// Gives the memory of pages back, and makes them unusable until they are committed again. Where pages lie in
    /// several reservations, the system may refuse part of them: that part keeps its memory and is cleared, and the
    /// caller uses none of the pages until they are committed again.
    /// </summary>
    /// <returns><see langword="false"/> when the system refuses all of them. The pages are then usable as before; what
    /// they contain may be gone.</returns>
    public abstract bool Decommit(uint first, uint pages);

    /// <summary>Gives the memory of pages back, and leaves them usable; they read as zeros.</summary>
    /// <returns><see langword="false"/> when the system refuses: their memory stays.</returns>
    public abstract bool Trim(uint first, uint pages);

    /// <summary>
    /// Called before a walk that gives back all free blocks, and before <see cref="RestoreHugePages"/>.
    /// </summary>
    public virtual void BeginTrim()
    {
    }

    /// <summary>
    /// Whether a huge page may give memory to a free block that was never touched, or that was given back.
    /// </summary>
    public virtual bool MayHoldMemory(uint first, uint pages) => false;

    public virtual void EndTrim()
    {
    }

    /// <summary>
    /// Lets the system make huge pages again in extents that were kept from them because part was free.
    /// </summary>
    /// <param name="isWholeInUse">Tells whether a run of pages, by its first page and length, is wholly in use.</param>
    public virtual void RestoreHugePages(Func<uint, uint, bool> isWholeInUse)
    {
    }

    /// <summary>
    /// Takes the memory of one page away, and all access to it, until it is committed again. Else
    /// <see cref="Refusal"/> says why not.
    /// </summary>
    public virtual bool TryProtect(uint page) => false;

    /// <summary>Ends the reservation.</summary>
    public abstract void Unmap();
}
