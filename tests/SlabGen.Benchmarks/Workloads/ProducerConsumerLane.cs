using System.Runtime.CompilerServices;
using SlabGen.Benchmarks.Allocators;

namespace SlabGen.Benchmarks.Workloads;

/// <summary>
/// The calling thread allocates batches of objects, another thread frees them (after xmalloc-test). At most
/// <c>window</c> batches are on their way: filled, and not yet freed; the producer fills one more meanwhile.
/// </summary>
/// <remarks>
/// The two threads spin, so that the time is the allocator's and not the scheduler's. Between calls the consumer sleeps.
/// </remarks>
internal sealed class ProducerConsumerLane<TAllocator> : Lane
    where TAllocator : struct, IAllocator
{
    private const int BatchSize = 4096;
    private const int BatchesPerCall = 256;

    private readonly nint[][] _batches; // a ring: one is being filled, the others are on their way
    private readonly Thread _consumer;
    private readonly SemaphoreSlim _go = new(0);
    private Counter _filled, _freed; // batches so far: the first written by the producer alone, the second by the consumer
    private volatile bool _end;

    public ProducerConsumerLane(int window)
    {
        _batches = new nint[window + 1][];
        for (int i = 0; i < _batches.Length; i++)
        {
            _batches[i] = new nint[BatchSize];
        }

        _consumer = new Thread(Consume) { IsBackground = true };
        _consumer.Start();
    }

    public override string Allocator => TAllocator.Name;

    public override int ObjectsPerCall => BatchesPerCall * BatchSize;

    public override void WarmUp()
    {
        Span<nint> batch = _batches[0].AsSpan(0, TierOne.WarmUpIterations);
        Fill(batch);
        Free(batch);
    }

    public override void Call()
    {
        _go.Release();
        long filled = _filled.Value, last = filled + BatchesPerCall;
        while (filled < last)
        {
            _freed.WaitFor(filled - _batches.Length + 1); // the batch that lies there has been freed
            Fill(_batches[filled % _batches.Length]);
            _filled.Value = ++filled;
        }

        _freed.WaitFor(last);
    }

    public override void Dispose()
    {
        _end = true;
        _go.Release();
        _consumer.Join();
        _go.Dispose();
        TAllocator.GiveBack();
    }

    private void Consume()
    {
        for (_go.Wait(); !_end; _go.Wait())
        {
            long freed = _freed.Value, last = freed + BatchesPerCall;
            while (freed < last)
            {
                _filled.WaitFor(freed + 1);
                Free(_batches[freed % _batches.Length]);
                _freed.Value = ++freed;
            }
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static unsafe void Fill(Span<nint> batch)
    {
        for (int i = 0; i < batch.Length; i++)
        {
            nint address = TAllocator.Alloc();
            *(long*)address = i;
            batch[i] = address;
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Free(Span<nint> batch)
    {
        for (int i = 0; i < batch.Length; i++)
        {
            TAllocator.Free(batch[i]);
        }
    }
}
