using SlabGen.Checking;
using SlabGen.Guards;
using SlabGen.Magazines;
using SlabGen.Memory;
using SlabGen.Slabs;

namespace SlabGen.Caches;

/// <summary>
/// The objects of one cache that were freed by <c>FreeDeferred</c> and wait for a grace period (<c>kfree_rcu</c>).
/// </summary>
/// <remarks>
/// <para><b>Way of an object.</b> It goes into the batch of the processor that frees it (the kernel's
/// <c>kfree_rcu_cpu</c>). The batch is closed when it is full, or when the background comes by. It then gets the number
/// of the next grace period and is queued. Once that period has passed, its objects go back into the slabs together.
/// Batches belong to processors, so a thread that dies or idles leaves none behind.</para>
/// <para><b>Locks.</b> A batch that is being filled is under its processor's lock. The queue and the spare batches are
/// under <see cref="_lock"/>, which comes after the processor's lock and before the list lock.
/// <see cref="Batch.Count"/> and <see cref="_queued"/> are written under these and read by anyone. RCU's lock comes
/// after a processor's.</para>
/// <para><b>Invariants.</b> Numbers in the queue rise. While any batch has an object, this owner is attended, or the
/// thread that fills the batch is about to attend it before its call returns. After
/// <see cref="CacheMagazines.IsClosed"/> no batch gets an object: a thread that still sees it false holds the lock that
/// <see cref="FreeAll"/> takes next.</para>
/// <para>The batches lie on the GC heap, eight bytes for each object, and are reused. So an object can still be
/// deferred when memory has run out.</para>
/// </remarks>
internal sealed partial class DeferredFrees : IDeferred
{
    /// <summary>How long an allocation that would otherwise fail waits for readers.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(10);

    private const int LargestBatch = 128, MostSpares = 4, MostProcessors = 16;

    /// <summary>With this many waiting objects (<c>qhimark</c>) or bytes, a thread that frees more helps.</summary>
    private const int ManyObjects = 10_000, ManyBytes = 8 << 20;

    private readonly CacheMagazines _magazines;
    private readonly int _many, _batchSize;
    private readonly UninterruptibleLock _lock = new();
    private readonly Queue<Batch> _queue = new(); // lock
    private readonly Stack<Batch> _spares = new(MostSpares); // lock
    private Processor[]? _processors; // made at the first use, by compare-and-exchange
    private long _queued; // lock; read by anyone: objects in the queue
    private bool _isAttended; // under the lock of RCU's thread; read by anyone

    public DeferredFrees(CacheMagazines magazines)
    {
        _magazines = magazines;
        _many = Math.Clamp(ManyBytes / magazines.Slabs.Layout.Size, 1, ManyObjects);
        _batchSize = Math.Clamp(_many / 4, 1, LargestBatch);
    }

    /// <inheritdoc/>
    public bool IsAttended
    {
        get => Volatile.Read(ref _isAttended);
        set => Volatile.Write(ref _isAttended, value);
    }

    /// <inheritdoc/>
    public bool Waits => Count > 0 || _magazines.Slabs.WaitsForGracePeriod;

    /// <summary>The number of waiting objects. A snapshot.</summary>
    public long Count
    {
        get
        {
            // Count the batches first, then the queue, so that a batch which is closed meanwhile is not missed.
            long count = 0;
            foreach (Processor processor in Volatile.Read(ref _processors) ?? [])
            {
                count += processor.Count;
            }

            return count + Volatile.Read(ref _queued);
        }
    }

    /// <summary>Takes an object, to be freed after a grace period. The caller holds no lock.</summary>
    /// <exception cref="SlabException">In checked mode: it cannot be freed, or waits already.</exception>
    /// <exception cref="ObjectDisposedException">The cache was destroyed; the object was not taken.</exception>
    public void Add(nint address)
    {
        Processor[] processors = Volatile.Read(ref _processors) ?? MakeProcessors();
        Processor processor = processors[Thread.GetCurrentProcessorId() % processors.Length];
        bool closed, many = false, first = false;
        SlabFault fault = SlabFault.None;
        ObjectMarks? marks = _magazines.Slabs.Marks;
        TrackSite who = marks?.Here() ?? default;
        ObjectDamage? damage = null;
        using (processor.Lock.Hold())
        {
            closed = _magazines.IsClosed;
            if (!closed)
            {
                Batch batch = processor.Batch ??= NewBatch(); // first, because it can fail: the object is not taken yet
                ObjectStates? states = _magazines.Slabs.States;
                fault = states is null ? SlabFault.None
                    : GuardRange.Contains(address) ? _magazines.Slabs.Check(address)
                    : marks is not null ? marks.Defer(address, who, out damage)
                    : states.TryDefer(address) ? SlabFault.None : states.FaultOf(address);
                if (fault == SlabFault.None)
                {
                    batch.Addresses[batch.Count] = address;
                    Volatile.Write(ref batch.Count, batch.Count + 1);
                    first = batch.Count == 1;
                    if (batch.Count == _batchSize)
                    {
                        many = Close(processor) >= _many;
                    }
                }
            }
        }

        // Throw without the lock: AppDomain.FirstChanceException sees it, and a handler may free.
        if (closed)
        {
            _magazines.ThrowIfClosed();
        }

        if (_magazines.ToError(new BadPointer(fault, address)) is { } error)
        {
            throw error.Tell(_magazines.Slabs.Pending);
        }

        _magazines.Slabs.Stir(); // a request that is refused waits a while for readers
        if (GracePeriod<RawWords>.NeedsAttention(this, first))
        {
            GracePeriods.OfProcess.Attend(this, hurry: false); // without the lock: it may start a thread
        }

        if (many)
        {
            Help();
        }

        if (damage is not null)
        {
            throw ToError(damage, "It was taken to be freed all the same").Tell(_magazines.Slabs.Pending);
        }
    }

    /// <summary>Whether objects are cleared when they are freed.</summary>
    public bool Clears { get; init; }

    /// <inheritdoc/>
    public void Advance()
    {
        CloseAll();
        FreePassed();
        _magazines.ThrowLater(_magazines.Slabs.FinishDiscardsQuietly());
    }

    /// <summary>
    /// When memory is short: frees what can be freed without waiting for a reader. Destructors are left to the caller.
    /// </summary>
    /// <returns>The number of objects freed.</returns>
    public long FreeWithoutWaiting()
    {
        if (!Waits)
        {
            return 0;
        }

        CloseAll();
        GracePeriods.OfProcess.Poll(GracePeriods.Snapshot());
        return FreePassed();
    }

    /// <summary>
    /// When a limit is reached, or memory is short: waits a while for the readers that hold up deferred objects, and
    /// frees what can then be freed. It does not wait for ever, because a reader may wait for the caller. Destructors
    /// are left to the caller.
    /// </summary>
    public void FreeWithPatience()
    {
        if (Waits)
        {
            CloseAll();
            if (!RcuReader.IsReading)
            {
                GracePeriods.OfProcess.TryWait(GracePeriods.Snapshot(), Patience);
            }

            FreePassed();
        }
    }

    /// <summary>
    /// When the cache was closed, or no other thread uses it: waits until no object waits any more. The caller is in no
    /// section.
    /// </summary>
    public void FreeAll()
    {
        CloseAll();
        while (LastGracePeriod() is > 0 and long last)
        {
            GracePeriods.OfProcess.Wait(last);
            FreePassed();
        }
    }

    /// <summary>
    /// When much waits: hurries the background, and does what it can without waiting. So a thread that defers pays for
    /// it.
    /// </summary>
    private void Help()
    {
        GracePeriods.OfProcess.Attend(this, hurry: true);
        if (!RcuReader.IsReading)
        {
            GracePeriods.OfProcess.Poll(FirstGracePeriod());
            FreePassed();
            _magazines.ThrowLater(_magazines.Slabs.FinishDiscardsQuietly());
        }
    }

    /// <summary>
    /// Frees the batches whose grace period has passed. Under the lock, so that a thread which waits for their end
    /// waits for it.
    /// </summary>
    private long FreePassed()
    {
        BadPointer found = default;
        long freed = 0;
        using (_lock.Hold())
        {
            while (_queue.TryPeek(out Batch? batch) && GracePeriods.OfProcess.HasPassed(batch.GracePeriod))
            {
                _queue.Dequeue();
                ReadOnlySpan<nint> addresses = batch.Addresses.AsSpan(0, batch.Count);
                try
                {
                    MarkFree(addresses);
                    BadPointer here = _magazines.Slabs.Give(addresses);
                    found = found.Or(here);
                    freed += batch.Count;
                }
                finally
                {
                    // The batch is off the queue, whatever happened. Otherwise all would wait for it for ever.
                    Volatile.Write(ref _queued, _queued - batch.Count);
                    Recycle(batch);
                }
            }
        }

        _magazines.ThrowLater(_magazines.ToError(found));
        return freed;
    }
}
