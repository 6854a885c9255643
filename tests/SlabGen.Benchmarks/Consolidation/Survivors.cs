using System.Diagnostics;
using System.Runtime.InteropServices;
using SlabGen.Benchmarks.Allocators;
using SlabGen.Benchmarks.Memory;

namespace SlabGen.Benchmarks.Consolidation;

/// <summary>The growth of resident anonymous memory at each step, in bytes.</summary>
/// <param name="Peak">With all objects live.</param>
/// <param name="Freed">With the survivors alone live.</param>
/// <param name="GivenBack">After <c>Shrink</c>, or <c>malloc_trim</c>.</param>
/// <param name="Consolidated">After <c>Consolidate</c>; malloc has no such thing, and 0.</param>
/// <param name="CacheBytes">What the cache says its slabs take then.</param>
/// <param name="Committed">What its runtime says it holds then, page frames and slab descriptors included.</param>
/// <param name="Moved">Objects that were moved.</param>
/// <param name="Milliseconds">What <c>Consolidate</c> took.</param>
internal sealed record Survivors(long Peak, long Freed, long GivenBack, long Consolidated, long CacheBytes, long Committed, long Moved, double Milliseconds)
{
    public const int Count = 3_000_000, Size = 64, OneIn = 64;

    public const long LiveBytes = (long)Count / OneIn * Size;

    public static Survivors OfSlabGen()
    {
        (nint[] objects, int[] order) = NewTable();
        KmemCache cache = SlabRuntime.Default.CreateCache("movable", Size);
        cache.SetMove((from, to) =>
        {
            long place = new SlabPtr<long>(from).Value;
            if ((ulong)place >= Count || objects[place] != from)
            {
                return SlabMoveReply.DontKnow;
            }

            new SlabPtr<Object64>(to).Value = new SlabPtr<Object64>(from).Value;
            objects[place] = to;
            return SlabMoveReply.Yes;
        });
        ResidentMemory.Read(); // its own code is no growth either
        ResidentMemory start = ResidentMemory.Read();
        long peak = Fill(objects, start, cache.Alloc);
        long freed = FreeMost(objects, order, start, cache.Free);
        cache.Shrink();
        long givenBack = Growth(start);
        long clock = Stopwatch.GetTimestamp();
        SlabConsolidation done = cache.Consolidate();
        double milliseconds = Stopwatch.GetElapsedTime(clock).TotalMilliseconds;
        long consolidated = Growth(start);
        Verify(objects);
        GC.KeepAlive(order);
        return new Survivors(peak, freed, givenBack, consolidated, cache.Snapshot().Bytes, SlabRuntime.Default.CommittedBytes, done.ObjectsMoved, milliseconds);
    }

    public static unsafe Survivors OfMalloc()
    {
        (nint[] objects, int[] order) = NewTable();
        ResidentMemory.Read(); // its own code is no growth either
        ResidentMemory start = ResidentMemory.Read();
        long peak = Fill(objects, start, static () => (nint)NativeMemory.Alloc(Size));
        long freed = FreeMost(objects, order, start, static address => NativeMemory.Free((void*)address));
        NativeHeap.Trim();
        long givenBack = Growth(start);
        Verify(objects);
        GC.KeepAlive(order);
        return new Survivors(peak, freed, givenBack, Consolidated: 0, CacheBytes: 0, Committed: 0, Moved: 0, Milliseconds: 0);
    }

    /// <summary>A place for each object, and an order to free them in, both touched, so that they are no growth.</summary>
    private static (nint[] Objects, int[] Order) NewTable()
    {
        nint[] objects = GC.AllocateUninitializedArray<nint>(Count, pinned: true);
        int[] order = GC.AllocateUninitializedArray<int>(Count, pinned: true);
        objects.AsSpan().Fill(-1);
        for (int i = 0; i < order.Length; i++)
        {
            order[i] = i;
        }

        new Random(1).Shuffle(order);
        return (objects, order);
    }

    /// <summary>Each object bears its place over its whole size.</summary>
    private static unsafe long Fill(nint[] objects, ResidentMemory start, Func<nint> alloc)
    {
        for (int i = 0; i < objects.Length; i++)
        {
            objects[i] = alloc();
            new Span<long>((void*)objects[i], Size / sizeof(long)).Fill(i);
        }

        return Growth(start);
    }

    private static long FreeMost(nint[] objects, int[] order, ResidentMemory start, Action<nint> free)
    {
        foreach (int place in order.AsSpan(Count / OneIn))
        {
            nint address = objects[place];
            objects[place] = 0;
            free(address);
        }

        return Growth(start);
    }

    private static unsafe void Verify(nint[] objects)
    {
        for (int i = 0; i < objects.Length; i++)
        {
            if (objects[i] != 0 && new ReadOnlySpan<long>((void*)objects[i], Size / sizeof(long)).ContainsAnyExcept(i))
            {
                throw new InvalidOperationException($"Object {i} has other contents.");
            }
        }
    }

    private static long Growth(ResidentMemory start) => ResidentMemory.Read().Anonymous - start.Anonymous;
}
