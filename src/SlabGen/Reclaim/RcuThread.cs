using SlabGen.Memory;
using SlabGen.Slabs;

namespace SlabGen.Reclaim;

/// <summary>
/// The background of RCU: goes round after round, each of them a grace period, while anybody has something deferred. The
/// kernel's grace-period kthread and its <c>kfree_rcu</c> monitor.
/// </summary>
/// <remarks>
/// <para>There is a thread only while something waits, and some seconds more. It makes no promise of when: to be done by a
/// moment, wait (<see cref="Barrier"/>).</para>
/// <para>A round: each owner gives what it has collected a grace period (<see cref="IDeferred.Advance"/>), the thread waits for
/// the one that covers all, and each owner does what has then passed. So what was deferred before a round began is done when it ends.</para>
/// <para>The list of owners, their <see cref="IDeferred.IsAttended"/>, and whether a thread runs are under the lock, a leaf.
/// <see cref="_asked"/> is raised by who waits for a round, <see cref="_done"/> by the thread.</para>
/// </remarks>
internal sealed class RcuThread(GracePeriods periods)
{
    /// <summary>Milliseconds in which more is collected before a round, and in which an idle thread waits for work.</summary>
    private const int Collecting = 5, Patience = 2000;

    private static readonly AutoResetEvent s_wake = new(false); // there is one thread for the process, and it is never done

    private readonly UninterruptibleLock _lock = new();
    private readonly List<IDeferred> _owners = [];
    private Thread? _thread; // null while none runs; under the lock, read by anyone
    private bool _hurry; // set by who hurries, cleared by the thread
    private long _asked, _done;

    /// <summary>Whether a thread runs: none does before the first use.</summary>
    public bool Runs => Volatile.Read(ref _thread) is not null;

    /// <summary>Whether the caller is a callback.</summary>
    public bool IsCurrent => Volatile.Read(ref _thread) == Thread.CurrentThread;

    public void Attend(IDeferred owner, bool hurry)
    {
        using (_lock.Hold())
        {
            if (!owner.IsAttended)
            {
                EnsureThread(); // first: it alone can fail
                _owners.Add(owner);
                owner.IsAttended = true;
            }

            if (hurry && !Volatile.Read(ref _hurry))
            {
                Volatile.Write(ref _hurry, true);
                s_wake.Set();
            }
        }
    }

    /// <summary>Waits until everything is done that was deferred before. The caller is not reading, and no callback.</summary>
    public void Barrier()
    {
        long ticket;
        using (_lock.Hold())
        {
            if (_owners.Count == 0)
            {
                return; // who has something waiting stays in the list until it is done
            }

            EnsureThread();
            ticket = ++_asked;
            Volatile.Write(ref _hurry, true);
            s_wake.Set();
        }

        while (Volatile.Read(ref _done) < ticket)
        {
            UninterruptibleLock.Pause();
        }
    }

    private void EnsureThread()
    {
        if (_thread is null)
        {
            var thread = new Thread(Run) { IsBackground = true, Name = "SlabGen RCU" };
            thread.UnsafeStart();
            Volatile.Write(ref _thread, thread);
        }
        else
        {
            s_wake.Set();
        }
    }

    private void Run()
    {
        do
        {
            if (!Volatile.Read(ref _hurry))
            {
                UninterruptibleWait.For(s_wake, Collecting);
            }

            Volatile.Write(ref _hurry, false);
            Round();
        }
        while (HasWork());
    }

    private void Round()
    {
        IDeferred[] owners;
        long asked;
        using (_lock.Hold())
        {
            asked = _asked;
            owners = [.. _owners];
        }

        Array.ForEach(owners, owner => owner.Advance());
        periods.Wait(periods.Snapshot());
        Array.ForEach(owners, owner => owner.Advance());

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

    /// <summary>Waits for work.</summary>
    /// <returns><see langword="false"/> when there is none, and this thread must end.</returns>
    private bool HasWork()
    {
        for (bool waited = false; ; waited = !UninterruptibleWait.For(s_wake, Patience))
        {
            using (_lock.Hold())
            {
                if (_owners.Count > 0)
                {
                    return true;
                }

                Volatile.Write(ref _done, _asked); // nothing waits
                if (waited)
                {
                    Volatile.Write(ref _thread, null);
                    return false;
                }
            }
        }
    }
}
