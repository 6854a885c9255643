namespace SlabGen.Zones;

/// <summary>
/// The memory limit that the zones of a runtime share. It counts two things: pages in use, whichever zone or mapping
/// they come from, and the bytes held from the system.
/// </summary>
/// <remarks>
/// Any thread, interlocked; no lock. Invariant: <see cref="UsedPages"/> never exceeds <see cref="LimitPages"/>.
/// </remarks>
internal sealed class MemoryBudget(long limitPages)
{
    private long _usedPages, _committedBytes, _peakBytes, _returnedBytes;

    public long LimitPages { get; } = limitPages;

    public long UsedPages => Volatile.Read(ref _usedPages);

    public long FreePages => LimitPages - UsedPages;

    public long CommittedBytes => Volatile.Read(ref _committedBytes);

    public long PeakCommittedBytes => Volatile.Read(ref _peakBytes);

    /// <summary>Bytes that went back to the system so far.</summary>
    public long ReturnedBytes => Volatile.Read(ref _returnedBytes);

    /// <returns><see langword="false"/> when the limit would be exceeded. Then nothing is charged.</returns>
    public bool TryCharge(long pages)
    {
        if (Interlocked.Add(ref _usedPages, pages) <= LimitPages)
        {
            return true;
        }

        Interlocked.Add(ref _usedPages, -pages);
        return false;
    }

    /// <summary>Charges what is in use already, whatever the limit.</summary>
    public void Charge(long pages) => Interlocked.Add(ref _usedPages, pages);

    public void Uncharge(long pages) => Interlocked.Add(ref _usedPages, -pages);

    /// <summary>Counts bytes that are held from the system from now on. Negative for bytes that went back.</summary>
    public void Commit(long bytes)
    {
        if (bytes == 0)
        {
            return;
        }

        if (bytes < 0)
        {
            Interlocked.Add(ref _returnedBytes, -bytes);
        }

        long now = Interlocked.Add(ref _committedBytes, bytes);
        for (long peak = PeakCommittedBytes; now > peak; peak = PeakCommittedBytes)
        {
            Interlocked.CompareExchange(ref _peakBytes, now, peak);
        }
    }
}
