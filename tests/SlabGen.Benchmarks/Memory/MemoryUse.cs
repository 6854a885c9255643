using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SlabGen.Benchmarks.Allocators;

namespace SlabGen.Benchmarks.Memory;

/// <summary>What so many objects cost in resident anonymous memory, and what stays when they are freed. All in bytes; all but the first two are growth since the start.</summary>
/// <param name="Objects">The objects themselves.</param>
/// <param name="Start">Resident before the first of them.</param>
/// <param name="Peak">All are live.</param>
/// <param name="Sparse">63 of 64 were freed, in random order.</param>
/// <param name="SparseShrunk">The same, after <c>Shrink</c>, <c>malloc_trim</c> or what the allocator has.</param>
/// <param name="Freed">All were freed.</param>
/// <param name="Shrunk">The same, after <c>Shrink</c>.</param>
internal sealed record MemoryUse(long Objects, long Start, long Peak, long Sparse, long SparseShrunk, long Freed, long Shrunk);

/// <summary>Measures <see cref="MemoryUse"/> in this process, which should do nothing else.</summary>
internal sealed class MemoryUseVisitor(int count) : IPeerVisitor<MemoryUse>
{
    private const int OneStaysOf = 64;
    private const int WarmUpCount = 1000;

    public MemoryUse Visit<TAllocator, TObject>(Peer peer)
        where TAllocator : struct, IAllocator<TObject>
        where TObject : struct, IObject<TObject>
    {
        // Everything that grows by itself does so before the start: the code is compiled at its last tier, since the
        // compiler takes megabytes; the array of objects is touched; and what the warm-up allocated is given back, else
        // it would serve the first objects unseen.
        var objects = new TObject[count];
        objects.AsSpan().Clear();
        var random = new Random(1);
        TierOne.Reach([() =>
        {
            Span<TObject> few = objects.AsSpan(0, WarmUpCount);
            Fill<TAllocator, TObject>(few);
            random.Shuffle(few);
            Free<TAllocator, TObject>(few);
            TAllocator.GiveBack();
            ResidentMemory.Read();
        }]);

        Span<TObject> stay = objects.AsSpan(0, count / OneStaysOf), go = objects.AsSpan(stay.Length);
        ResidentMemory start = ResidentMemory.Read();
        Fill<TAllocator, TObject>(objects);
        long peak = Growth(start);
        random.Shuffle(objects);
        Free<TAllocator, TObject>(go);
        long sparse = Growth(start);
        Free<TAllocator, TObject>(stay);
        long freed = Growth(start);
        TAllocator.GiveBack();
        long shrunk = Growth(start);

        Fill<TAllocator, TObject>(objects);
        random.Shuffle(objects);
        Free<TAllocator, TObject>(go);
        TAllocator.GiveBack();
        long sparseShrunk = Growth(start);
        Free<TAllocator, TObject>(stay);

        return new MemoryUse((long)count * TAllocator.Size, start.Total, peak, sparse, sparseShrunk, freed, shrunk);
    }

    public static void Fill<TAllocator, TObject>(Span<TObject> objects)
        where TAllocator : struct, IAllocator<TObject>
        where TObject : struct, IObject<TObject>
    {
        foreach (ref TObject obj in objects)
        {
            obj = TAllocator.Alloc();
            MemoryMarshal.CreateSpan(ref Unsafe.As<long, byte>(ref obj.Word), TAllocator.Size).Fill(0x5A);
        }
    }

    public static void Free<TAllocator, TObject>(Span<TObject> objects)
        where TAllocator : struct, IAllocator<TObject>
        where TObject : struct, IObject<TObject>
    {
        foreach (ref TObject obj in objects)
        {
            TAllocator.Free(obj);
            obj = default; // what the collector frees must not be reached from here
        }
    }

    private static long Growth(ResidentMemory start) => ResidentMemory.Read().Anonymous - start.Anonymous;
}
