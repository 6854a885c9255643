using SlabGen.Memory;

namespace SlabGen.Caches;

// Batches: the one that each processor fills, and those that wait.
internal sealed partial class DeferredFrees
{
    private void CloseAll()
    {
        foreach (Processor processor in Volatile.Read(ref _processors) ?? [])
        {
            using (processor.Lock.Hold())
            {
                if (processor.Batch is { Count: > 0 })
                {
                    Close(processor);
                }
            }
        }
    }

    /// <summary>Under the processor's lock: gives its batch a grace period, and queues it.</summary>
    /// <returns>The number of objects in the queue.</returns>
    private long Close(Processor processor)
    {
        Batch batch = processor.Batch!;
        using (_lock.Hold())
        {
            batch.GracePeriod = GracePeriods.Snapshot();
            _queue.Enqueue(batch);
            Volatile.Write(ref _queued, _queued + batch.Count);
            processor.Batch = null;
            return _queued;
        }
    }

    private Batch NewBatch()
    {
        using (_lock.Hold())
        {
            // Room for every open batch, because closing one must not fail.
            _queue.EnsureCapacity(_queue.Count + MostProcessors);
            return _spares.TryPop(out Batch? spare) ? spare : new Batch(_batchSize);
        }
    }

    private void Recycle(Batch batch)
    {
        batch.Count = 0;
        if (_spares.Count < MostSpares)
        {
            _spares.Push(batch);
        }
    }

    private long FirstGracePeriod()
    {
        using (_lock.Hold())
        {
            return _queue.TryPeek(out Batch? first) ? first.GracePeriod : 0;
        }
    }

    private long LastGracePeriod()
    {
        using (_lock.Hold())
        {
            return _queue.Count == 0 ? 0 : _queue.Last().GracePeriod;
        }
    }

    private Processor[] MakeProcessors()
    {
        Processor[] made =
            [.. Enumerable.Range(0, Math.Min(Environment.ProcessorCount, MostProcessors)).Select(_ => new Processor())];
        return Interlocked.CompareExchange(ref _processors, made, null) ?? made;
    }

    private sealed class Processor
    {
        private Batch? _batch;

        public UninterruptibleLock Lock { get; } = new();

        public Batch? Batch
        {
            get => Volatile.Read(ref _batch);
            set => Volatile.Write(ref _batch, value);
        }

        public int Count => Batch is { } batch ? Volatile.Read(ref batch.Count) : 0;
    }

    private sealed class Batch(int size)
    {
        public readonly nint[] Addresses = new nint[size];
        public int Count;
        public long GracePeriod;
    }
}
