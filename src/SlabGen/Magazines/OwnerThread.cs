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
/// <para><b>Who owns what.</b> <c>_bins</c>: the owner alone. <c>_words</c>: as said at each of them; their lock is
/// <c>_asking</c>, a leaf below the gates that the owner never takes. The rest is never changed. What is done with them
/// is in <see cref="OwnerProof{TWords}"/>.</para>
/// </remarks>
internal sealed class OwnerThread : IOwnerSight
{
    private const int AskFor = 20; // milliseconds; a thread that runs only for moments is seen asleep by then

    [ThreadStatic]
    private static OwnerThread? t_current;

    private readonly Thread _thread = Thread.CurrentThread;
    private readonly KernelThread? _kernel = KernelThread.OfCurrent();
    private readonly UninterruptibleLock _asking = new();
    private ThreadBins? _bins; // owner
    private OwnerWords _words; // as said there

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
    public void CountVisit() => OwnerProof<RawWords>.CountVisit(ref _words);

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

    /// <inheritdoc cref="OwnerProof{TWords}.Look"/>
    public OwnerProgress Look() => OwnerProof<RawWords>.Look(ref _words);

    /// <inheritdoc cref="OwnerProof{TWords}.HasLeft"/>
    public bool HasLeft(in OwnerProgress since, bool askKernel) =>
        OwnerProof<RawWords>.HasLeft(ref _words, this, since, askKernel);

    bool IOwnerSight.IsCaller => _thread == Thread.CurrentThread;

    bool IOwnerSight.MayAskKernel => _kernel is not null && !Debugger.IsAttached;

    UninterruptibleLock IOwnerSight.Asking => _asking;

    bool IOwnerSight.SleepsInSystemCall() => _kernel!.SleepsInSystemCall();

    bool IOwnerSight.TryReadWork(out KernelWork work) => _kernel!.TryReadWork(out work);

    bool IOwnerSight.Waits
    {
        get
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
}
