using SlabGen.Benchmarks.Allocators;

namespace SlabGen.Benchmarks.Memory;

/// <summary>What threads leave behind that die: bytes of growth since the start.</summary>
/// <param name="Half">After half of the threads.</param>
/// <param name="All">After all of them: bounded memory does not grow from here to there as it did before.</param>
internal sealed record DyingThreadsUse(int Threads, long Start, long Half, long All);

/// <summary>
/// After mleak: threads, ten at a time, that allocate one object each, swap it for what lies in a table, free that, and
/// die. Measured in this process, which should do nothing else.
/// </summary>
internal sealed class DyingThreadsVisitor(int threads) : IPeerVisitor<DyingThreadsUse>
{
    private const int AtATime = 10;
    private const int WarmUpThreads = 200;

    public DyingThreadsUse Visit<TAllocator, TObject>(Peer peer)
        where TAllocator : struct, IAllocator<TObject>
        where TObject : struct, IObject<TObject>
    {
        var table = new TObject[100];
        Run<TAllocator, TObject>(table, WarmUpThreads); // stacks and the runtime's own tables
        ResidentMemory start = ResidentMemory.Read();
        Run<TAllocator, TObject>(table, threads / 2);
        long half = ResidentMemory.Read().Anonymous - start.Anonymous;
        Run<TAllocator, TObject>(table, threads - (threads / 2));
        long all = ResidentMemory.Read().Anonymous - start.Anonymous;
        return new DyingThreadsUse(threads, start.Total, half, all);
    }

    private static void Run<TAllocator, TObject>(TObject[] table, int threads)
        where TAllocator : struct, IAllocator<TObject>
        where TObject : struct, IObject<TObject>
    {
        for (int done = 0; done < threads; done += AtATime)
        {
            Thread[] some = [.. Enumerable.Range(done, AtATime).Select(i => new Thread(() =>
            {
                TObject mine = TAllocator.Alloc();
                mine.Word = i;
                TObject found = TObject.Exchange(ref table[i % table.Length], mine);
                if (!found.IsNull)
                {
                    TAllocator.Free(found);
                }
            }))];
            Array.ForEach(some, thread => thread.Start());
            Array.ForEach(some, thread => thread.Join());
        }
    }
}
