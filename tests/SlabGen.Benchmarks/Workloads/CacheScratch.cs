using System.Runtime.CompilerServices;
using SlabGen.Benchmarks.Allocators;

namespace SlabGen.Benchmarks.Workloads;

/// <summary>
/// After cache-scratch: one thread allocates an object for each of so many threads and hands them out; each frees its own, and
/// then allocates one, writes it many times and frees it, again and again. An allocator that lets two threads have objects
/// on one cache line pays for every write: the time at two threads is then far more than at one.
/// </summary>
internal sealed class CacheScratch(string name, int threads) : Workload(name)
{
    protected override Lane Open<TAllocator, TObject>(string allocator) => new CacheScratchLane<TAllocator, TObject>(allocator, threads);

    protected override Action WarmUp<TAllocator, TObject>() => CacheScratchLane<TAllocator, TObject>.WarmUp;
}

/// <inheritdoc cref="CacheScratch"/>
internal sealed class CacheScratchLane<TAllocator, TObject> : Lane
    where TAllocator : struct, IAllocator<TObject>
    where TObject : struct, IObject<TObject>
{
    private const int Repeats = 1000;
    private const int Writes = 100;

    private readonly TObject[] _handedOut;
    private readonly Crew _crew;

    public CacheScratchLane(string allocator, int threads)
        : base(allocator)
    {
        _handedOut = new TObject[threads];
        _crew = new Crew(threads - 1, i => Work(_handedOut[i + 1]));
    }

    /// <summary>Of one thread: the others do theirs in the same time.</summary>
    public override int ObjectsPerCall => Repeats;

    public static void WarmUp() => Loop(TierOne.WarmUpIterations / 10, 10);

    public override void Call()
    {
        for (int i = 0; i < _handedOut.Length; i++)
        {
            _handedOut[i] = TAllocator.Alloc();
        }

        _crew.Start();
        Work(_handedOut[0]);
        _crew.Wait();
    }

    public override void Dispose()
    {
        _crew.Dispose();
        TAllocator.GiveBack();
    }

    private static void Work(TObject handedOut)
    {
        TAllocator.Free(handedOut);
        Loop(Repeats, Writes);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Loop(int repeats, int writes)
    {
        for (int i = 0; i < repeats; i++)
        {
            TObject obj = TAllocator.Alloc();
            for (int write = 0; write < writes; write++)
            {
                Volatile.Write(ref obj.Word, write);
            }

            TAllocator.Free(obj);
        }
    }
}
