using SlabGen.Memory;

namespace SlabGen;

/// <summary>
/// The background of RCU: goes round after round, each of them a grace period, while anybody has something deferred. The
/// kernel's grace-period kthread and its <c>kfree_rcu</c> monitor.
/// </summary>
/// <remarks>
/// <para>There is a thread only while something waits, and some seconds more (<see cref="OnDemandThread"/>). It makes no promise of when: to be done by a
/// moment, wait (<see cref="Barrier"/>).</para>
/// <para>A round: each owner gives what it has collected a grace period (<see cref="IDeferred.Advance"/>), the thread waits for
/// the one that covers all, and each owner does what has then passed. So what was deferred before a round began is done when it ends.
/// One thread at a time goes round (<see cref="_rounder"/>): the background's, or who waits for a round while no thread can be had.</para>
/// <para>The list of owners and their <see cref="IDeferred.IsAttended"/> are under the lock, a leaf. When no thread can be had the owners stay in the list and
/// are told that nobody attends to them, so that the next who defers tries again.
/// <see cref="_asked"/> is raised by who waits for a round, <see cref="_done"/> by who goes one.</para>
/// </remarks>
internal sealed class RcuThread
{
    /// <summary>Milliseconds in which more is collected before a round.</summary>
    private const int Collecting = 5;

    private readonly UninterruptibleLock _lock = new();
    private readonly List<IDeferred> _owners = [];
    private readonly GracePeriods _periods;
    private readonly OnDemandThread _thread;
    private int _rounder; // managed id of the thread that is at a round, or 0; by compare-and-exchange
    private bool _hurry; // set by who hurries, cleared by the thread
    private readonly PendingErrors _failures = new(); // found where nobody could be told
    private long _asked, _done;

    public RcuThread(GracePeriods periods)
    {
        _periods = periods;
        _thread = new OnDemandThread("SlabGen RCU", Pass, Fail);
    }

    /// <summary>Whether a thread runs: none does before the first use.</summary>
    public bool Runs => _thread.Runs;

    /// <summary>Whether the caller is a callback.</summary>
    public bool IsCurrent => Volatile.Read(ref _rounder) == Environment.CurrentManagedThreadId;

    /// <summary>The thread, for tests.</summary>
    internal OnDemandThread Worker => _thread;

    /// <summary>Sees to it that an owner is advanced. Does not throw; the caller holds no lock.</summary>
    public void Attend(IDeferred owner, bool hurry)
    {
        using (_lock.Hold())
        {
            if (!owner.IsAttended && !_owners.Contains(owner))
            {
                _owners.Add(owner);
            }

            owner.IsAttended = true;
        }

        if (hurry)
        {
            Volatile.Write(ref _hurry, true);
        }

        if (!_thread.TryWake())
        {
            Leave();
        }
    }

    /// <summary>Waits until everything is done that was deferred before. The caller is not reading, and no callback.</summary>
    /// <exception cref="Exception">What went wrong in the background and nobody was told; of several an <see cref="AggregateException"/>.</exception>
    public void Barrier()
    {
        long ticket = 0;
        using (_lock.Hold())
        {
            if (_owners.Count > 0) // who has something waiting stays in the list until it is done
            {
                ticket = ++_asked;
                Volatile.Write(ref _hurry, true);
            }
        }

        for (bool woken = false; Volatile.Read(ref _done) < ticket; woken = true)
        {
            if ((woken && _thread.Runs) || _thread.TryWake())
            {
                UninterruptibleLock.Pause();
            }
            else
            {
                Round(); // no thread can be had
                Leave();
            }
        }

        FoundErrors found = default;
        found.AddAll(_failures);
        found.ThrowAll();
    }

    private int Pass()
    {
        if (!Volatile.Read(ref _hurry))
        {
            _thread.Rest(Collecting, () => Volatile.Read(ref _hurry));
        }

        Volatile.Write(ref _hurry, false);
        Round();
        using (_lock.Hold())
        {
            if (_owners.Count == 0)
            {
                Volatile.Write(ref _done, _asked); // nothing waits
            }

            return _owners.Count == 0 ? Timeout.Infinite : 0;
        }
    }

    private void Round()
    {
        while (Interlocked.CompareExchange(ref _rounder, Environment.CurrentManagedThreadId, 0) != 0)
        {
            UninterruptibleLock.Pause();
        }

        try
        {
            IDeferred[] owners;
            long asked;
            using (_lock.Hold())
            {
                asked = _asked;
                owners = [.. _owners];
            }

            Array.ForEach(owners, Advance);
            _periods.Wait(GracePeriods.Snapshot());
            Array.ForEach(owners, Advance);
            using (_lock.Hold())
            {
                _owners.RemoveAll(owner =>
                {
                    owner.IsAttended = false;
                    Interlocked.MemoryBarrier(); // who defers now sees that, or is seen
                    return !(owner.IsAttended = owner.Waits);
                });
            }

            Volatile.Write(ref _done, asked);
        }
        finally
        {
            Volatile.Write(ref _rounder, 0);
        }
    }

    /// <summary>An owner does not throw; should one, the others do not wait for it.</summary>
    private void Advance(IDeferred owner)
    {
        try
        {
            owner.Advance();
        }
        catch (Exception failure)
        {
            _failures.Add(failure);
        }
    }

    /// <summary>Nobody attends to the owners any more: the next of them that defers is told so.</summary>
    private void Leave()
    {
        using (_lock.Hold())
        {
            _owners.ForEach(owner => owner.IsAttended = false);
        }
    }

    /// <summary>A round came to nothing, and its thread ends.</summary>
    private void Fail(Exception failure)
    {
        _failures.Add(failure);
        Leave();
    }
}
