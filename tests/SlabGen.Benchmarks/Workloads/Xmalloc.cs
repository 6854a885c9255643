using System.Runtime.CompilerServices;
using SlabGen.Benchmarks.Allocators;

namespace SlabGen.Benchmarks.Workloads;

/// <summary>After xmalloc-test: producers allocate batches of 4096 objects, consumers free them. At most <c>window</c> batches are on their way: filled, and not yet freed; each producer fills one more meanwhile.</summary>
internal sealed class Xmalloc(int producers, int consumers, int window) : Workload($"xmalloc-{producers}:{consumers}-w{window}")
{
    protected override Lane Open<TAllocator, TObject>(string allocator) => new XmallocLane<TAllocator, TObject>(allocator, producers, consumers, window);

    protected override Action WarmUp<TAllocator, TObject>() => XmallocLane<TAllocator, TObject>.WarmUp;
}

/// <remarks>
/// The calling thread is the first producer. The threads spin, so that the time is the allocator's and not the scheduler's,
/// and let others have the processor when they must wait longer; between calls they sleep. A batch is a place in a ring:
/// producers and consumers draw tickets, whose place and turn follow from the number, so that one atomic addition per
/// 4096 objects is all they share but the place's turn.
/// </remarks>
internal sealed class XmallocLane<TAllocator, TObject> : Lane
    where TAllocator : struct, IAllocator<TObject>
    where TObject : struct, IObject<TObject>
{
    private const int BatchSize = 4096;
    private const int BatchesPerCall = 128;

    private static readonly TObject[] s_warmUp = new TObject[TierOne.WarmUpIterations];

    private readonly TObject[][] _batches;
    private readonly Counter[] _turns; // of a place: 2n when it is empty for the n-th time, 2n + 1 when it is filled
    private readonly Crew _crew;
    private long _filling, _freeing; // the next ticket of the producers and of the consumers
    private long _last; // no ticket from here on in this call; written while all sleep

    public XmallocLane(string allocator, int producers, int consumers, int window)
        : base(allocator)
    {
        _batches = new TObject[window + producers][];
        _turns = new Counter[_batches.Length];
        for (int i = 0; i < _batches.Length; i++)
        {
            _batches[i] = new TObject[BatchSize];
        }

        _crew = new Crew(producers - 1 + consumers, i =>
        {
            if (i < consumers)
            {
                Consume();
            }
            else
            {
                Produce();
            }
        });
    }

    public override int ObjectsPerCall => BatchesPerCall * BatchSize;

    public static void WarmUp()
    {
        Fill(s_warmUp);
        Free(s_warmUp);
    }

    public override void Call()
    {
        _filling = _freeing = _last;
        _last += BatchesPerCall;
        _crew.Start();
        Produce();
        _crew.Wait();
    }

    public override void Dispose()
    {
        _crew.Dispose();
        TAllocator.GiveBack();
    }

    private void Produce()
    {
        for (long ticket = Interlocked.Increment(ref _filling) - 1; ticket < _last; ticket = Interlocked.Increment(ref _filling) - 1)
        {
            (long round, long place) = Math.DivRem(ticket, _batches.Length);
            _turns[place].WaitFor(2 * round);
            Fill(_batches[place]);
            _turns[place].Value = (2 * round) + 1;
        }
    }

    private void Consume()
    {
        for (long ticket = Interlocked.Increment(ref _freeing) - 1; ticket < _last; ticket = Interlocked.Increment(ref _freeing) - 1)
        {
            (long round, long place) = Math.DivRem(ticket, _batches.Length);
            _turns[place].WaitFor((2 * round) + 1);
            Free(_batches[place]);
            _turns[place].Value = 2 * (round + 1);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Fill(Span<TObject> batch)
    {
        for (int i = 0; i < batch.Length; i++)
        {
            TObject obj = TAllocator.Alloc();
            obj.Word = i;
            batch[i] = obj;
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Free(Span<TObject> batch)
    {
        for (int i = 0; i < batch.Length; i++)
        {
            TAllocator.Free(batch[i]);
        }
    }
}
