using SlabGen.Memory;

namespace SlabGen;

/// <summary>
/// The background of RCU. It makes one round after another, each a grace period, while any owner has deferred work. It
/// combines the kernel's grace-period kthread and its <c>kfree_rcu</c> monitor.
/// </summary>
/// <remarks>
/// <para>The thread exists only while something waits, and for some seconds more (<see cref="OnDemandThread"/>). It
/// promises no time. Call <see cref="Barrier"/> to be sure that work is done.</para>
/// <para>A round has three steps: each owner gives what it has collected a grace period
/// (<see cref="IDeferred.Advance"/>); the thread waits for the period that covers all; each owner does what has then
/// passed. So work deferred before a round began is done when the round ends. One thread at a time makes rounds
/// (<see cref="_rounder"/>): the background thread, or a thread that waits for a round while no background thread can
/// be had.</para>
/// <para>The list of owners and their <see cref="IDeferred.IsAttended"/> are under the lock, a leaf. If no thread can
/// be had, the owners stay in the list with that flag false, so that the next thread that defers tries again.
/// <see cref="_asked"/> is raised by a thread that waits for a round, <see cref="_done"/> by the thread that makes
/// one.</para>
/// </remarks>
internal sealed class RcuThread
{
    /// <summary>Milliseconds in which more is collected before a round.</summary>
    private const int Collecting = 5;

    private readonly UninterruptibleLock _lock = new();
    private readonly List<IDeferred> _owners = [];
    private readonly GracePeriods _periods;
    private readonly OnDemandThread _thread;
    private int _rounder; // managed id of the thread that makes a round, or 0; by compare-and-exchange
    private bool _hurry; // set by a caller in a hurry, cleared by the thread
    private readonly PendingErrors _failures = new(); // found where no caller could be told
    private long _asked, _done;

    public RcuThread(GracePeriods periods)
    {
        _periods = periods;
        _thread = new OnDemandThread("SlabGen RCU", Pass, Fail);
    }

    /// <summary>Whether a thread runs. None runs before the first use.</summary>
    public bool Runs => _thread.Runs;

    /// <summary>Whether the caller is a callback.</summary>
    public bool IsCurrent => Volatile.Read(ref _rounder) == Environment.CurrentManagedThreadId;

    /// <summary>The thread, for tests.</summary>
    internal OnDemandThread Worker => _thread;

    /// <summary>Makes sure that an owner is advanced. It does not throw, and the caller holds no lock.</summary>
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

    /// <summary>
    /// Waits until everything deferred before is done. The caller is in no section, and is not a callback.
    /// </summary>
    /// <exception cref="Exception">What went wrong in the background and no caller was told; an
    /// <see cref="AggregateException"/> for several.</exception>
    public void Barrier()
    {
        long ticket = 0;
        using (_lock.Hold())
        {
            if (_owners.Count > 0) // an owner with waiting work stays in the list until the work is done
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
                _owners.RemoveAll(GracePeriod<RawWords>.TryLeave);
            }

            Volatile.Write(ref _done, asked);
        }
        finally
        {
            Volatile.Write(ref _rounder, 0);
        }
    }

    /// <summary>Owners do not throw. If one does, the others must not wait for it.</summary>
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

    /// <summary>
    /// Tells all owners that no thread attends to them, so that the next one that defers tries again.
    /// </summary>
    private void Leave()
    {
        using (_lock.Hold())
        {
            _owners.ForEach(owner => owner.IsAttended = false);
        }
    }

    /// <summary>Handles a round that failed: its thread ends.</summary>
    private void Fail(Exception failure)
    {
        _failures.Add(failure);
        Leave();
    }
}
