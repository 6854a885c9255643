using System.Runtime.CompilerServices;
using SlabGen.Benchmarks.Allocators;

namespace SlabGen.Benchmarks.Workloads;

/// <summary>Two threads each allocate a batch of 1000, and then free the other's: forward or backward.</summary>
internal sealed class Neighbour(string name, bool backward) : Workload(name)
{
    protected override Lane Open<TAllocator, TObject>(string allocator) => new NeighbourLane<TAllocator, TObject>(allocator, backward);

    protected override Action WarmUp<TAllocator, TObject>() => NeighbourLane<TAllocator, TObject>.WarmUp;
}

/// <remarks>The calling thread and one more, which spins during a call and sleeps between calls. A batch is its maker's until it counts, then its neighbour's until that counts.</remarks>
internal sealed class NeighbourLane<TAllocator, TObject> : Lane
    where TAllocator : struct, IAllocator<TObject>
    where TObject : struct, IObject<TObject>
{
    private const int BatchSize = 1000;
    private const int RoundsPerCall = 100;

    private static readonly TObject[] s_warmUp = new TObject[TierOne.WarmUpIterations];

    private readonly TObject[][] _batches = [new TObject[BatchSize], new TObject[BatchSize]];
    private readonly Counter[] _steps = new Counter[2]; // batches made and freed by each thread
    private readonly Crew _crew;
    private readonly bool _backward;

    public NeighbourLane(string allocator, bool backward)
        : base(allocator)
    {
        _backward = backward;
        _crew = new Crew(1, _ => Work(1));
    }

    public override int ObjectsPerCall => 2 * RoundsPerCall * BatchSize;

    public static void WarmUp()
    {
        Fill(s_warmUp);
        FreeForward(s_warmUp);
        Fill(s_warmUp);
        FreeBackward(s_warmUp);
    }

    public override void Call()
    {
        _crew.Start();
        Work(0);
        _crew.Wait();
    }

    public override void Dispose()
    {
        _crew.Dispose();
        TAllocator.GiveBack();
    }

    private void Work(int me)
    {
        TObject[] mine = _batches[me], others = _batches[1 - me];
        ref Counter made = ref _steps[me], other = ref _steps[1 - me];
        for (int i = 0; i < RoundsPerCall; i++)
        {
            Fill(mine);
            long step = ++made.Value;
            other.WaitFor(step);
            if (_backward)
            {
                FreeBackward(others);
            }
            else
            {
                FreeForward(others);
            }

            step = ++made.Value;
            other.WaitFor(step);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Fill(TObject[] batch)
    {
        for (int i = 0; i < batch.Length; i++)
        {
            TObject obj = TAllocator.Alloc();
            obj.Word = i;
            batch[i] = obj;
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void FreeForward(TObject[] batch)
    {
        for (int i = 0; i < batch.Length; i++)
        {
            TAllocator.Free(batch[i]);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void FreeBackward(TObject[] batch)
    {
        for (int i = batch.Length - 1; i >= 0; i--)
        {
            TAllocator.Free(batch[i]);
        }
    }
}
