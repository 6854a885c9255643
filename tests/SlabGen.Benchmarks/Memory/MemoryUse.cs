using SlabGen.Benchmarks.Allocators;

namespace SlabGen.Benchmarks.Memory;

/// <summary>What so many objects cost in resident memory, and what stays when they are freed. All in bytes.</summary>
/// <param name="Objects">The objects themselves.</param>
/// <param name="Start">Resident before the first of them.</param>
/// <param name="Peak">Growth while all are live, anonymous memory.</param>
/// <param name="PeakResident">The same, with file pages.</param>
/// <param name="Freed">Growth after all were freed in random order.</param>
/// <param name="GivenBack">Growth after <c>Shrink</c>, or <c>malloc_trim</c>.</param>
internal sealed record MemoryUse(string Allocator, int Size, long Objects, long Start, long Peak, long PeakResident, long Freed, long GivenBack)
{
    /// <summary>The growth at the peak over the objects, in percent of them.</summary>
    public double OverheadPercent => Percent(Peak - Objects);

    public double FreedPercent => Percent(Freed);

    public double GivenBackPercent => Percent(GivenBack);

    /// <summary>Resident memory at the end over that at the start.</summary>
    public double EndOverStart => (double)(Start + GivenBack) / Start;

    /// <summary>Measures in this process, which should do nothing else.</summary>
    public static MemoryUse Measure<TAllocator>(int count)
        where TAllocator : struct, IAllocator
    {
        // Everything that grows by itself does so before the start: the code is compiled at its last tier, since the
        // compiler takes megabytes; the array of addresses is touched, and the collector does not move it; and what the
        // warm-up allocated is given back, else it would serve the first objects unseen.
        nint[] objects = GC.AllocateUninitializedArray<nint>(count, pinned: true);
        objects.AsSpan().Fill(-1);
        var random = new Random(1);
        TierOne.Reach([() =>
        {
            Cycle<TAllocator>(objects.AsSpan(0, 1000), random, () => ResidentMemory.Read());
            TAllocator.GiveBack();
        }]);

        ResidentMemory start = ResidentMemory.Read(), peak = default;
        Cycle<TAllocator>(objects, random, () => peak = ResidentMemory.Read());
        ResidentMemory freed = ResidentMemory.Read();
        TAllocator.GiveBack();
        ResidentMemory end = ResidentMemory.Read();

        return new MemoryUse(
            TAllocator.Name,
            TAllocator.Size,
            (long)count * TAllocator.Size,
            start.Total,
            peak.Anonymous - start.Anonymous,
            peak.Total - start.Total,
            freed.Anonymous - start.Anonymous,
            end.Anonymous - start.Anonymous);
    }

    /// <summary>Allocates, fills every byte, and frees in random order.</summary>
    private static unsafe void Cycle<TAllocator>(Span<nint> objects, Random random, Action atPeak)
        where TAllocator : struct, IAllocator
    {
        foreach (ref nint address in objects)
        {
            address = TAllocator.Alloc();
            new Span<byte>((void*)address, TAllocator.Size).Fill(0x5A);
        }

        atPeak();
        random.Shuffle(objects);
        foreach (nint address in objects)
        {
            TAllocator.Free(address);
        }
    }

    private double Percent(long bytes) => 100.0 * bytes / Objects;
}
