using System.Diagnostics;
using SlabGen.Memory;

namespace SlabGen.Magazines;

/// <summary>
/// A thread as its thread caches know it. There is one record for all of them, made at the thread's first use of any
/// cache. It tells a revoker whether another thread is outside the fast path.
/// </summary>
/// <remarks>
/// <para>The registration of each thread cache holds it, and the list holds the registration. So the
/// <see cref="Thread"/> is there and not finalized as long as a thread cache can be found, one included that is brought
/// back from its finalizer's queue. Where everything goes at once, runtime and all, a finalizer of the user's may still
/// ask: a thread that is finalized is dead, since a live one's object is held by .NET.</para>
/// <para><b>One proof serves all caches.</b> Proofs are numbered when they begin. Who shuts the fast path of a cache
/// notes, after its barrier, the number of the last one that had begun (<see cref="Look"/>). A later number that is
/// proven means: after that barrier the owner was outside of the fast path of every cache, so its operation of that
/// time is over and visible (<see cref="HasLeft"/>). A thread that sleeps for moments only is caught once, not once in
/// every cache.</para>
/// <para><b>Who owns what.</b> <c>_visits</c>, <c>_bins</c>: written by the owner alone. <c>_begun</c>, <c>_proven</c>,
/// <c>_base</c>: written under <c>_asking</c>, a leaf below the gates that the owner never takes; the first two are
/// read without it. The rest is never changed.</para>
/// </remarks>
internal sealed class OwnerThread
{
    private const int AskFor = 20; // milliseconds; a thread that runs only for moments is seen asleep by then

    [ThreadStatic]
    private static OwnerThread? t_current;

    private readonly Thread _thread = Thread.CurrentThread;
    private readonly KernelThread? _kernel = KernelThread.OfCurrent();
    private readonly UninterruptibleLock _asking = new();
    private ThreadBins? _bins; // owner
    private int _visits;
    private int _begun, _proven; // the number of the last proof that began, and of the last one that succeeded
    private (int Number, KernelWork Work)? _base; // what the thread had computed when an earlier proof began

    private OwnerThread()
    {
    }

    /// <summary>The calling thread's record.</summary>
    public static OwnerThread Current => t_current ??= new OwnerThread();

    /// <summary>The bins of the calling thread, whose record this is.</summary>
    /// <returns><see langword="null"/> when the system refuses memory for them.</returns>
    public ThreadBins? TryGetBins() => _bins ??= ThreadBins.TryMake();

    /// <summary><see cref="Thread.ManagedThreadId"/>.</summary>
    public int Id => _thread.ManagedThreadId;

    public bool IsAlive
    {
        get
        {
            try
            {
                return _thread.IsAlive;
            }
            catch (ThreadStateException)
            {
                return false; // finalized
            }
        }
    }

    /// <summary>
    /// Called by the owner in the slow path of any cache. What it did on a fast path before is done, and visible to a
    /// thread that sees this.
    /// </summary>
    public void CountVisit() => Volatile.Write(ref _visits, _visits + 1);

    /// <summary>
    /// Whether the owner was certainly not inside the fast path at some moment of this call. It is this very thread, or
    /// dead, or in a managed wait, or asleep in a system call.
    /// </summary>
    /// <remarks>
    /// <para>The .NET runtime sets and clears the wait state with interlocked operations, and the kernel's switch is a
    /// barrier. So what the owner stored before it waited is visible to a thread that sees it wait.</para>
    /// <para>A single-threaded apartment may run messages, and so managed code, inside a wait, so a wait proves nothing
    /// there. Under a debugger a sleep proves nothing: a debugger stops threads anywhere, and no signal is blocked
    /// then.</para>
    /// </remarks>
    public bool IsOutside() => HasLeft(Look(), askKernel: true);

    /// <summary>
    /// Asks where threads are, until each was seen outside, or for a while. Their fast paths are shut.
    /// </summary>
    /// <param name="threads">The threads. Those that were not seen outside are left in it.</param>
    public static void LetGo(HashSet<OwnerThread> threads)
    {
        long until = Environment.TickCount64 + AskFor;
        do
        {
            threads.RemoveWhere(thread => thread.IsOutside());
        }
        while (threads.Count > 0 && Environment.TickCount64 < until);
    }

    /// <summary>
    /// The state that <see cref="HasLeft"/> compares with. The fast path is shut for the owner, and the barrier after
    /// that has run.
    /// </summary>
    public OwnerProgress Look() => new(Volatile.Read(ref _visits), Volatile.Read(ref _begun));

    /// <summary>
    /// Whether the owner has been outside the fast path since an earlier look, or is now. It has been in some slow
    /// path, a proof that began later succeeded, or this call can see it. A thread that computes all the time also
    /// gives a yes, after a few calls.
    /// </summary>
    /// <param name="since">The earlier look.</param>
    /// <param name="askKernel">Whether to ask the kernel too, which takes some microseconds.</param>
    public bool HasLeft(in OwnerProgress since, bool askKernel) =>
        Volatile.Read(ref _visits) != since.Visits
        || IsProven(since)
        || _thread == Thread.CurrentThread
        || !IsAlive
        || Waits()
        || (askKernel && _kernel is not null && !Debugger.IsAttached && AskKernel(_kernel, since));

    private bool IsProven(in OwnerProgress since) => Volatile.Read(ref _proven) - since.Begun > 0;

    private bool AskKernel(KernelThread kernel, in OwnerProgress since)
    {
        using (_asking.Hold())
        {
            if (IsProven(since))
            {
                return true; // proven by the thread that held the lock
            }

            int number = Interlocked.Increment(ref _begun); // before anything about the owner is read
            if (kernel.SleepsInSystemCall())
            {
                Volatile.Write(ref _proven, number);
            }
            else if (kernel.TryReadWork(out KernelWork work)
                && !(_base is { } early && early.Work.Switches == work.Switches && !work.IsFarBeyond(early.Work)))
            {
                if (_base is { } then && work.IsFarBeyond(then.Work))
                {
                    Interlocked.MemoryBarrierProcessWide(); // the operation was executed; now it is visible too
                    Volatile.Write(ref _proven, then.Number - _proven > 0 ? then.Number : _proven);
                }

                _base = (number, work); // it slept since, or its work until now is proven, so measure from here on
            }
        }

        return IsProven(since);
    }

    private bool Waits()
    {
        try
        {
            return (_thread.ThreadState & System.Threading.ThreadState.WaitSleepJoin) != 0
                && !(OperatingSystem.IsWindows() && _thread.GetApartmentState() == ApartmentState.STA);
        }
        catch (ThreadStateException)
        {
            return true; // finalized, and so dead
        }
    }
}

/// <summary>How far a thread had come when it was looked at.</summary>
/// <param name="Visits">Its visits to the slow path of any cache.</param>
/// <param name="Begun">The number of the last proof that had begun.</param>
internal readonly record struct OwnerProgress(int Visits, int Begun);
