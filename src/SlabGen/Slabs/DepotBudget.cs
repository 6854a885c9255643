namespace SlabGen.Slabs;

/// <summary>
/// What the depots of several caches may keep together: as much as brings what they have taken from slabs back to its
/// recent peak, and a little. A program that frees much and then takes as much again finds it in magazines, and the
/// process is not larger for it than it was at the peak.
/// </summary>
/// <remarks>
/// <para>Programs shift from one size to another, and what waits for one serves no other. So when objects are taken
/// from slabs beyond that bound while depots have any, a depot gives up a magazine (<see cref="IsOver"/>). Each may
/// always keep a little.</para>
/// <para>All counts are interlocked, or raised by a race that loses at most one raise; whoever decides by them may be a
/// magazine off.</para>
/// </remarks>
/// <param name="slack">Bytes of free objects beyond the peak.</param>
/// <param name="alone">Bytes that each depot may always keep.</param>
internal sealed class DepotBudget(long slack, long alone)
{
    private long _taken; // bytes of objects that are out of their slabs: live, in magazines, in depots
    private long _inDepots; // of those in depots
    private long _peak; // the most that was out of slabs and depots, since the last interval ended

    /// <summary>Bytes of free objects in the depots; a snapshot.</summary>
    public long InDepots => Volatile.Read(ref _inDepots);

    /// <summary>
    /// Takes a free magazine from some depot home, for <see cref="IsOver"/>. Set before the first use.
    /// </summary>
    public Action? Relieve { get; set; }

    /// <summary>Whether a depot should give up a magazine, because objects of other sizes are taken.</summary>
    public bool IsOver => Volatile.Read(ref _taken) > Most && InDepots > slack;

    private long Most => Volatile.Read(ref _peak) + slack;

    /// <summary>So many bytes of objects came out of slabs, or went back.</summary>
    public void CountTaken(long bytes)
    {
        Interlocked.Add(ref _taken, bytes);
        RaisePeak();
    }

    /// <summary>A depot has so many bytes more now, or less.</summary>
    public void CountInDepots(long bytes)
    {
        Interlocked.Add(ref _inDepots, bytes);
        RaisePeak();
    }

    /// <summary>Whether a depot that would then have so many bytes may take a magazine.</summary>
    public bool HasRoom(long own) => own <= alone || Volatile.Read(ref _taken) <= Most;

    /// <summary>An interval ends: the peak of the next one counts.</summary>
    public void ForgetPeak() => Volatile.Write(ref _peak, Volatile.Read(ref _taken) - InDepots);

    private void RaisePeak()
    {
        long used = Volatile.Read(ref _taken) - InDepots;
        if (used > Volatile.Read(ref _peak))
        {
            Volatile.Write(ref _peak, used);
        }
    }
}
