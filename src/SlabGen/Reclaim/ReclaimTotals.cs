using SlabGen.Events;

namespace SlabGen.Reclaim;

/// <summary>
/// How often memory was taken back from caches and shrinkers, why, and what each kind of pass brought. Any thread,
/// interlocked.
/// </summary>
/// <remarks>
/// What a pass brought is how much less memory was in use after it. What other threads took or freed meanwhile counts
/// too, so it is what the runtime gained, not what the pass did; a pass that gained nothing counts as 0.
/// </remarks>
/// <param name="pages">Whose memory.</param>
internal sealed class ReclaimTotals(PageAllocator pages)
{
    private readonly long[] _passes = new long[Kinds], _bytes = new long[Kinds];

    private static int Kinds => (int)ReclaimKind.Idle + 1;

    public long Passes(ReclaimKind kind) => Volatile.Read(ref _passes[(int)kind]);

    public long Bytes(ReclaimKind kind) => Volatile.Read(ref _bytes[(int)kind]);

    /// <summary>What <see cref="End"/> gets when a pass is over.</summary>
    public long Begin() => pages.UsedBytes;

    /// <summary>Counts a pass, also one that threw.</summary>
    /// <remarks>The caller holds no lock.</remarks>
    public void End(ReclaimKind kind, long began)
    {
        long brought = Math.Max(0, began - pages.UsedBytes);
        Interlocked.Increment(ref _passes[(int)kind]);
        Interlocked.Add(ref _bytes[(int)kind], brought);
        if (SlabEvents.IsOn)
        {
            SlabEvents.Note(kind switch
            {
                ReclaimKind.Idle => new SlabEvent(SlabEventKind.Reaped, pages.RuntimeName, "", brought),
                ReclaimKind.Pressure => new SlabEvent(SlabEventKind.PressureRelieved, pages.RuntimeName, "", brought),
                _ => new SlabEvent(SlabEventKind.MemoryReclaimed, pages.RuntimeName, "", brought,
                    Text: kind == ReclaimKind.Direct ? "direct" : "background"),
            });
            SlabEvents.Tell();
        }
    }
}
