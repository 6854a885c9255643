using SlabGen.Benchmarks.Allocators;
using SlabGen.Benchmarks.Workloads;

namespace SlabGen.Benchmarks.Memory;

/// <summary>What stays resident when threads have freed everything and sit idle, with no call made: bytes of growth since the start.</summary>
/// <param name="Objects">The objects themselves.</param>
/// <param name="Start">Resident before the first of them.</param>
/// <param name="Freed">At once.</param>
/// <param name="Idle">After two reap intervals.</param>
internal sealed record IdleUse(long Objects, long Start, long Freed, long Idle);

/// <summary>Measures <see cref="IdleUse"/> in this process, which should do nothing else.</summary>
internal sealed class IdleUseVisitor(int count) : IPeerVisitor<IdleUse>
{
    private const int Threads = 8;
    private const int WarmUpCount = 1000;

    private static readonly TimeSpan s_twoReapIntervals = (2 * new SlabRuntimeOptions().ReapInterval) + TimeSpan.FromSeconds(1);

    public IdleUse Visit<TAllocator, TObject>(Peer peer)
        where TAllocator : struct, IAllocator<TObject>
        where TObject : struct, IObject<TObject>
    {
        var objects = new TObject[Threads][];
        for (int i = 0; i < Threads; i++)
        {
            objects[i] = new TObject[count / Threads];
            objects[i].AsSpan().Clear();
        }

        int each = WarmUpCount;
        using var crew = new Crew(Threads, i =>
        {
            MemoryUseVisitor.Fill<TAllocator, TObject>(objects[i].AsSpan(0, each));
            MemoryUseVisitor.Free<TAllocator, TObject>(objects[i].AsSpan(0, each));
        });

        TierOne.Reach([() =>
        {
            RunOnce(crew);
            TAllocator.GiveBack();
            ResidentMemory.Read();
        }]);

        ResidentMemory start = ResidentMemory.Read();
        each = count / Threads;
        RunOnce(crew);
        long freed = ResidentMemory.Read().Anonymous - start.Anonymous;
        Thread.Sleep(s_twoReapIntervals);
        long idle = ResidentMemory.Read().Anonymous - start.Anonymous;
        return new IdleUse((long)each * Threads * TAllocator.Size, start.Total, freed, idle);
    }

    private static void RunOnce(Crew crew)
    {
        crew.Start();
        crew.Wait();
    }
}
