namespace SlabGen.Slabs;

/// <summary>
/// What the depots of several caches may keep together: as much as brings the runtime back to its recent peak, and a
/// little. A program that frees much and then takes as much again finds it in magazines, and the process is not larger
/// for it than it was at the peak.
/// </summary>
/// <remarks>
/// <para>Programs shift from one size to another, and what waits for one serves no other. So when the runtime has
/// handed out more pages than that while depots have any, a depot gives up a magazine (<see cref="IsOver"/>). Each may
/// always keep a little.</para>
/// <para>It counts pages, not objects: only they are memory. What else has pages counts with them, blocks without a
/// cache and the magazines themselves too.</para>
/// <para>All counts are interlocked, or raised by a race that loses at most one raise; whoever decides by them may be a
/// magazine off.</para>
/// </remarks>
/// <param name="used">Bytes of pages that the runtime has handed out.</param>
/// <param name="slack">Bytes beyond the peak.</param>
/// <param name="alone">Bytes that each depot may always keep.</param>
internal sealed class DepotBudget(Func<long> used, long slack, long alone)
{
    private long _inDepots; // bytes of free objects in the depots
    private long _peak; // the most that was used besides those, since the last interval ended

    /// <summary>Bytes of free objects in the depots; a snapshot.</summary>
    public long InDepots => Volatile.Read(ref _inDepots);

    /// <summary>
    /// Takes a free magazine from some depot home, for <see cref="IsOver"/>. Set before the first use.
    /// </summary>
    public Action? Relieve { get; set; }

    /// <summary>Whether a depot should give up a magazine, because pages are wanted for something else.</summary>
    public bool IsOver => IsOverBy(0);

    /// <summary>The same, before so many bytes of pages are handed out.</summary>
    public bool IsOverBy(long wanted) => InDepots > slack && IsBeyond(wanted);

    /// <summary>A depot has so many bytes more now, or less.</summary>
    public void CountInDepots(long bytes) => Interlocked.Add(ref _inDepots, bytes);

    /// <summary>Whether a depot that would then have so many bytes may take a magazine.</summary>
    public bool HasRoom(long own) => own <= alone || !IsBeyond(0);

    /// <summary>An interval ends: the peak of the next one counts.</summary>
    public void ForgetPeak() => Volatile.Write(ref _peak, used() - InDepots);

    private bool IsBeyond(long wanted)
    {
        // The peak is raised first: what is live is never too much. What is wanted is none until it is had.
        long now = used(), other = now - InDepots;
        if (other > Volatile.Read(ref _peak))
        {
            Volatile.Write(ref _peak, other);
        }

        return now + wanted > Math.Max(Volatile.Read(ref _peak), other + wanted) + slack;
    }
}
