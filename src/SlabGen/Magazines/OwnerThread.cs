using System.Diagnostics;
using SlabGen.Memory;

namespace SlabGen.Magazines;

/// <summary>
/// A thread as its thread caches know it: one record for all of them, made at the thread's first use of any cache. It
/// answers what a revoker must know of another thread: whether it is outside the fast path.
/// </summary>
/// <remarks>
/// <para>The registration of each thread cache holds it, and the list holds the registration. So the <see cref="Thread"/> is
/// there and not finalized as long as a thread cache can be found, one included that is brought back from its finalizer's
/// queue. Where everything goes at once, runtime and all, a finalizer of the user's may still ask: a thread that is
/// finalized is dead, since a live one's object is held by .NET.</para>
/// <para><see cref="_visits"/> is written by the owner alone; the rest is never changed.</para>
/// </remarks>
internal sealed class OwnerThread
{
    [ThreadStatic]
    private static OwnerThread? t_current;

    private readonly Thread _thread = Thread.CurrentThread;
    private readonly KernelThread? _kernel = KernelThread.OfCurrent();
    private int _visits;

    private OwnerThread()
    {
    }

    /// <summary>The calling thread's.</summary>
    public static OwnerThread Current => t_current ??= new OwnerThread();

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

    /// <summary>By the owner, in the slow path of any cache: what it did on a fast path before is done, and visible to who sees this.</summary>
    public void CountVisit() => Volatile.Write(ref _visits, _visits + 1);

    /// <summary>
    /// Whether the owner was certainly not inside the fast path at some moment of this call: it is this very thread, or
    /// dead, or in a managed wait, or asleep in a system call.
    /// </summary>
    /// <remarks>
    /// <para>The runtime sets and clears the wait state with interlocked operations, and the kernel's switch is a barrier: what the owner
    /// stored before it waited is visible to who sees it wait.</para>
    /// <para>A single-threaded apartment may run messages, and so managed code, inside a wait: there a wait proves nothing. Under a
    /// debugger a sleep proves nothing: it stops threads anywhere, and no signal is blocked then.</para>
    /// </remarks>
    public bool IsOutside() =>
        _thread == Thread.CurrentThread
        || !IsAlive
        || Waits()
        || (_kernel is not null && !Debugger.IsAttached && _kernel.SleepsInSystemCall());

    /// <summary>What <see cref="HasPassed"/> compares with. The fast path is shut for the owner, and the barrier after that has run.</summary>
    /// <remarks>What it has computed is not read yet: most owners have been in a slow path before they are looked at again.</remarks>
    public OwnerProgress Look() => new(Volatile.Read(ref _visits), null);

    /// <summary>
    /// Whether it is worth while to ask <see cref="IsOutside"/> and <see cref="HasPassed"/> since an earlier look, as far as can be seen at once: it is this very thread, dead, in a
    /// managed wait, or has been in a slow path. A sleep in a system call is not seen.
    /// </summary>
    public bool SeemsOutside(in OwnerProgress since) => _thread == Thread.CurrentThread || !IsAlive || Waits() || Volatile.Read(ref _visits) != since.Visits;

    /// <summary>
    /// Whether the owner has left the fast path of a cache that has been shut for it since an earlier look: it has been in
    /// some slow path since, or has computed for long.
    /// </summary>
    /// <param name="since">The earlier look; a new one when it cannot be compared with any more.</param>
    public bool HasPassed(ref OwnerProgress since)
    {
        if (Volatile.Read(ref _visits) != since.Visits)
        {
            return true;
        }

        KernelWork? now = ReadWork();
        if (now is { } work && since.Work is { } earlier && work.IsFarBeyond(earlier))
        {
            Interlocked.MemoryBarrierProcessWide(); // the operation is executed; now it is visible too
            return true;
        }

        if (now?.Switches != since.Work?.Switches)
        {
            since = since with { Work = now }; // it slept since: from here on, then
        }

        return false;
    }

    private KernelWork? ReadWork() => _kernel is not null && !Debugger.IsAttached && _kernel.TryReadWork(out KernelWork work) ? work : null;

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

/// <summary>How far a thread was when it was looked at.</summary>
/// <param name="Visits">Its visits to the slow path of any cache.</param>
/// <param name="Work">What it had computed, where that is known.</param>
internal readonly record struct OwnerProgress(int Visits, KernelWork? Work);
