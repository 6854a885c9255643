using SlabGen.Memory;

namespace SlabGen;

/// <summary>
/// The grace periods of the process: when they begin, and when every reader that a period waits for is done.
/// </summary>
/// <remarks>
/// <para>Grace periods have rising numbers; period 0 has always passed. Only <see cref="Wait"/> and
/// <see cref="TryWait"/> wait for a reader.</para>
/// <para>The protocol, and why it is safe, is in the remarks of <see cref="Rcu"/>; its steps are in
/// <see cref="GracePeriod{TWords}"/>.</para>
/// <para><b>State.</b> Three things are written under <see cref="_lock"/>, a leaf: <see cref="RcuReader.Latest"/>, the
/// latest period begun; <see cref="_completed"/>, the latest period passed; and the list of readers. Anyone reads the
/// two numbers. At most one period is under way: <c>Latest</c> is <c>_completed</c>, or one step more. No thread waits
/// under the lock. A thread that needs a period polls, and every poll drives the period on, so that no period depends
/// on one thread.</para>
/// <para><b>Readers.</b> A record stays in the list until its thread is dead. Each new thread checks
/// four of the other records, so that those of dead threads do not pile up.</para>
/// </remarks>
internal sealed class GracePeriods : IRcuReaders
{
    /// <summary>
    /// Polls before a waiting thread sleeps: first in a short spin, then giving up the rest of its time slice.
    /// </summary>
    private const int Spins = 6, Yields = 20;

    private readonly UninterruptibleLock _lock = new();
    private readonly List<RcuReader> _readers = [];
    private int _next;
    private long _completed;

    private GracePeriods() => Background = new RcuThread(this);

    public static GracePeriods OfProcess { get; } = new();

    /// <summary>The thread that does what was deferred.</summary>
    public RcuThread Background { get; }

    /// <summary>
    /// The number of records of readers. It includes those of dead threads that no thread has looked at since.
    /// </summary>
    public int Readers
    {
        get
        {
            using (_lock.Hold())
            {
                return _readers.Count;
            }
        }
    }

    /// <summary>
    /// How long a grace period may take before <see cref="Rcu.Stalled"/> is raised (<c>rcu_cpu_stall_timeout</c>).
    /// Tests make it short.
    /// </summary>
    public static TimeSpan StallAfter { get; set; } = TimeSpan.FromSeconds(21);

    /// <summary>The threads that are inside a section.</summary>
    public Thread[] ListReaders()
    {
        using (_lock.Hold())
        {
            return [.. _readers.Where(reader => Volatile.Read(ref reader.State) != 0 && reader.OwnerIsAlive)
                .Select(reader => reader.Owner)];
        }
    }

    /// <summary>Adds a thread's record to the list, before its first section.</summary>
    public void Add(RcuReader reader)
    {
        using (_lock.Hold())
        {
            for (int looked = 0; looked < 4 && _readers.Count > 0; looked++)
            {
                _next = _next + 1 < _readers.Count ? _next + 1 : 0;
                if (!_readers[_next].OwnerIsAlive)
                {
                    RemoveAt(_next);
                }
            }

            _readers.Add(reader);
        }
    }

    /// <summary>
    /// The number of the first grace period that begins after this call. Once it has passed, no reader holds what the
    /// caller had unlinked before (<c>get_state_synchronize_rcu</c>). It takes no lock.
    /// </summary>
    public static long Snapshot() => GracePeriod<RawWords>.Snapshot(ref RcuReader.Latest);

    /// <summary>Whether a grace period has passed (<c>poll_state_synchronize_rcu</c>). It takes no lock.</summary>
    public bool HasPassed(long number) => GracePeriod<RawWords>.HasPassed(ref _completed, number);

    /// <summary>
    /// As <see cref="HasPassed"/>, and also begins and ends grace periods as far as possible without waiting.
    /// </summary>
    public bool Poll(long number) =>
        GracePeriod<RawWords>.Poll(ref RcuReader.Latest, ref _completed, number, _lock, this);

    /// <summary>
    /// Waits until a grace period has passed (<c>cond_synchronize_rcu</c>). The caller holds no lock, and is in no
    /// section.
    /// </summary>
    public void Wait(long number) => TryWait(number, TimeSpan.MaxValue);

    /// <summary>As <see cref="Wait"/>, but not for ever.</summary>
    /// <returns>Whether the period has passed.</returns>
    public bool TryWait(long number, TimeSpan patience)
    {
        long start = Environment.TickCount64;
        TimeSpan stallsAt = StallAfter;
        for (int polls = 0; !Poll(number); polls++)
        {
            if (polls < Spins)
            {
                Thread.SpinWait(20 << polls);
            }
            else if (polls < Spins + Yields)
            {
                Thread.Yield();
            }
            else if (Environment.TickCount64 - start < patience.TotalMilliseconds)
            {
                UninterruptibleLock.Pause();
                if (Environment.TickCount64 - start >= stallsAt.TotalMilliseconds)
                {
                    Rcu.TellOfStall(ListReaders(), stallsAt);
                    stallsAt *= 2;
                }
            }
            else
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>
    /// Asks the background thread to advance an owner's deferred work until none waits. It does not throw, and the
    /// caller holds no lock.
    /// </summary>
    /// <remarks>
    /// If no thread can be had, <see cref="IDeferred.IsAttended"/> becomes false again, and the next thread that defers
    /// tries again.
    /// </remarks>
    /// <param name="owner">The owner. If its <see cref="IDeferred.IsAttended"/> is true, nothing happens.</param>
    /// <param name="hurry">Much is waiting, so do not collect more first.</param>
    public void Attend(IDeferred owner, bool hurry) => Background.Attend(owner, hurry);

    bool IRcuReaders.AllPast(long number)
    {
        for (int i = _readers.Count - 1; i >= 0; i--)
        {
            if (GracePeriod<RawWords>.WaitsFor(_readers[i], number))
            {
                if (_readers[i].OwnerIsAlive)
                {
                    return false;
                }

                RemoveAt(i); // it died inside a section: it reads no more
            }
        }

        return true;
    }

    private void RemoveAt(int index)
    {
        _readers[index] = _readers[^1];
        _readers.RemoveAt(_readers.Count - 1);
    }
}
