using System.Diagnostics;
using System.Runtime.CompilerServices;
using HdrHistogram;
using SlabGen.Benchmarks.Allocators;
using SlabGen.Benchmarks.Workloads;

namespace SlabGen.Benchmarks.Latency;

/// <summary>Times every single allocation of larson: two threads that replace objects at random, die, and hand their slots over.</summary>
/// <remarks>
/// A histogram is one generation's at a time, like the slots: starting a thread publishes it. Looking at the clock twice is in
/// every figure; so is whatever else the processor did meanwhile, the scheduler included, for every allocator alike.
/// </remarks>
/// <param name="whole">Whether a time is that of a replacement: the free, the allocation and the first write to the object.</param>
internal sealed class LatencyRun<TAllocator, TObject>(bool whole)
    where TAllocator : struct, IAllocator<TObject>
    where TObject : struct, IObject<TObject>
{
    private const int Threads = 2;
    private const int Slots = 5000;
    private const int PerGeneration = 200_000;

    private readonly bool _whole = whole;
    private readonly TObject[][] _slots = [new TObject[Slots], new TObject[Slots]];
    private readonly LongHistogram[] _histograms = [NewHistogram(), NewHistogram()];

    /// <param name="generations">Of threads, one after the other on each of two sets of slots.</param>
    /// <returns>The times of all allocations, in ticks of the clock.</returns>
    public LongHistogram Run(int generations)
    {
        TObject[] warmUp = new TObject[Slots];
        LongHistogram ignored = NewHistogram();
        TierOne.Reach([() => Loop(warmUp, TierOne.WarmUpIterations, 1, ignored)]);
        Free(warmUp);
        using var living = new CountdownEvent(Threads);
        for (int i = 0; i < Threads; i++)
        {
            Start(i, generations, (uint)(i + 1), living);
        }

        living.Wait();
        Array.ForEach(_slots, Free);
        TAllocator.GiveBack();
        _histograms[0].Add(_histograms[1]);
        return _histograms[0];
    }

    private static LongHistogram NewHistogram() => new(TimeStamp.Seconds(100), 3);

    private static void Free(TObject[] slots)
    {
        foreach (TObject obj in slots.Where(obj => !obj.IsNull))
        {
            TAllocator.Free(obj);
        }
    }

    private void Start(int slots, int generations, uint random, CountdownEvent living) =>
        new Thread(() =>
        {
            uint next = Loop(_slots[slots], PerGeneration, random, _histograms[slots]);
            if (generations > 1)
            {
                Start(slots, generations - 1, next, living);
            }
            else
            {
                _ = living.Signal();
            }
        }) { IsBackground = true }.Start();

    [MethodImpl(MethodImplOptions.NoInlining)]
    private uint Loop(TObject[] slots, int count, uint random, LongHistogram histogram)
    {
        for (int i = 0; i < count; i++)
        {
            random = XorShift.Next(random);
            ref TObject place = ref slots[(int)(((ulong)random * Slots) >> 32)];
            long before = Stopwatch.GetTimestamp();
            if (!place.IsNull)
            {
                TAllocator.Free(place);
            }

            long start = Stopwatch.GetTimestamp();
            TObject obj = TAllocator.Alloc();
            long end = Stopwatch.GetTimestamp();
            obj.Word = i;
            long written = Stopwatch.GetTimestamp();
            place = obj;
            histogram.RecordValue(_whole ? written - before : end - start);
        }

        return random;
    }
}
