using System.Runtime.ExceptionServices;
using SlabGen.Memory;

namespace SlabGen;

/// <summary>
/// The callbacks that wait for a grace period, in the order in which they came (the kernel's <c>rcu_segcblist</c>).
/// </summary>
/// <remarks>
/// The queue and the failures are under the lock. The only locks taken under it are RCU's leaf locks. No callback runs
/// under it.
/// </remarks>
internal sealed class RcuCallbacks(GracePeriods periods) : IDeferred
{
    /// <summary>From this many waiting callbacks on, a period is not put off (<c>qhimark</c>).</summary>
    private const int Many = 10_000;

    private const int KeptFailures = 16;

    private readonly UninterruptibleLock _lock = new();
    private readonly Queue<(long GracePeriod, Action<object?> Callback, object? State)> _queue = new();
    private readonly List<Exception> _failures = [];
    private long _failed;
    private int _waiting; // the queue's count, for readers without the lock
    private bool _isAttended;

    /// <summary>The handlers that take what callbacks throw.</summary>
    public event Action<Exception>? Failed;

    /// <inheritdoc/>
    public bool IsAttended
    {
        get => Volatile.Read(ref _isAttended);
        set => Volatile.Write(ref _isAttended, value);
    }

    /// <inheritdoc/>
    public bool Waits => Volatile.Read(ref _waiting) > 0;

    public void Add(Action<object?> callback, object? state)
    {
        bool many;
        using (_lock.Hold())
        {
            _queue.Enqueue((GracePeriods.Snapshot(), callback, state));
            Volatile.Write(ref _waiting, _queue.Count);
            many = _queue.Count >= Many;
        }

        if (GracePeriod<RawWords>.NeedsAttention(this, first: true) || many)
        {
            periods.Attend(this, hurry: many);
        }
    }

    /// <inheritdoc/>
    /// <remarks>Called on the thread of RCU alone, so callbacks run one after the other.</remarks>
    public void Advance()
    {
        while (TryTake(out Action<object?>? callback, out object? state))
        {
            try
            {
                callback!(state);
            }
            catch (Exception failure)
            {
                Report(failure);
            }

            if (RcuReader.TryLeave())
            {
                Report(new InvalidOperationException("A callback of Rcu.Call left a read-side section open, which would hold up every grace period. It was ended."));
            }
        }
    }

    /// <summary>Throws what no handler took.</summary>
    public void ThrowFailures()
    {
        Exception[] failures;
        long failed;
        using (_lock.Hold())
        {
            (failures, failed) = ([.. _failures], _failed);
            _failures.Clear();
            _failed = 0;
        }

        if (failed == 1)
        {
            ExceptionDispatchInfo.Throw(failures[0]);
        }
        else if (failed > 1)
        {
            throw new AggregateException($"{failed} errors came from callbacks of Rcu.Call, or from handlers. The first {failures.Length} exceptions are the inner ones.", failures);
        }
    }

    private bool TryTake(out Action<object?>? callback, out object? state)
    {
        using (_lock.Hold())
        {
            bool passed = _queue.TryPeek(out (long GracePeriod, Action<object?>, object?) first)
                && periods.HasPassed(first.GracePeriod);
            (_, callback, state) = passed ? _queue.Dequeue() : default;
            Volatile.Write(ref _waiting, _queue.Count);
            return passed;
        }
    }

    /// <summary>Tells the handlers, or keeps the failure for the next <see cref="Rcu.Barrier"/>.</summary>
    public void Report(Exception failure)
    {
        Action<Exception>? handlers = Failed;
        FoundErrors thrown = Handlers.Tell(handlers, handler => handler(failure));
        if (handlers is null || thrown.Any)
        {
            Keep(failure); // the handler that was told of it has failed, and may have lost it
        }

        foreach (Exception error in thrown.ToArray())
        {
            Keep(error);
        }
    }

    /// <inheritdoc cref="Report"/>
    public void ReportAll(FoundErrors failures) => Array.ForEach(failures.ToArray(), Report);

    private void Keep(Exception failure)
    {
        using (_lock.Hold())
        {
            _failed++;
            if (_failures.Count < KeptFailures)
            {
                _failures.Add(failure);
            }
        }
    }
}
