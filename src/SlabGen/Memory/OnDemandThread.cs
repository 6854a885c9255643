namespace SlabGen.Memory;

/// <summary>
/// A background thread of the allocator. It exists while there is work, and for some seconds more. It makes at least
/// one pass after each wake, and another at the time that the last pass asked for.
/// </summary>
/// <remarks>
/// <para><b>Nothing ends the process.</b> An exception from a pass, or from a wait that lacks memory, goes to
/// <c>failed</c>, which must tell the next caller. The thread goes on, or ends and is started again by the next
/// wake.</para>
/// <para><b>Waking never throws</b>, and waits for nothing of the allocator. The caller holds no lock of the allocator,
/// because starting a thread may run users' code: the .NET runtime waits inside. If no thread can be had, because
/// the process may have no more or memory is short, the state goes back and the next wake tries again. The caller's
/// request stays written where the pass looks for it.</para>
/// <para><b>State</b>, by compare-and-exchange. None → Wanted by a waker, which then starts the thread, and goes back
/// to None if it cannot. Running → Wanted by a waker. Wanted → Running and Running → None by the thread. Any → Stopped
/// by <see cref="Stop"/>. <see cref="_threads"/> counts the threads that are being started or run. It exceeds 1 only
/// for moments, while a thread that found no work is about to end.</para>
/// <para><b>A start that fails may have succeeded.</b> Under NativeAOT a start waits for the new thread, and an
/// interrupt throws out of that wait. So thread and starter both claim the start, and the first one gets it. The
/// interrupt is kept for the caller's next wait.</para>
/// </remarks>
/// <param name="name">The thread's name in debuggers.</param>
/// <param name="pass">Does the work. It returns after how many milliseconds there is more, if no wake comes before;
/// <see cref="Timeout.Infinite"/> means never, and the thread then ends.</param>
/// <param name="failed">Takes what <paramref name="pass"/> throws. It does not throw itself.</param>
// The event is not disposed: a waker may be about to set it when the thread is stopped, and holds no lock against that.
#pragma warning disable CA1001
internal sealed class OnDemandThread(string name, Func<int> pass, Action<Exception> failed)
{
    private const int None = 0, Running = 1, Wanted = 2, Stopped = 3;

    /// <summary>Milliseconds that a thread without work waits for more.</summary>
    private const int Patience = 2000;

    private readonly AutoResetEvent _wake = new(false);
    private int _state;
    private int _threads;
    private int _current; // managed id of the thread, while one runs
    private long _failedStarts, _passes;

    /// <summary>Called before each start of a thread that the calling thread asks for. Tests throw in it.</summary>
    [field: ThreadStatic]
    internal static Action<string>? Starting { get; set; }

    /// <summary>Whether a thread runs or is being started.</summary>
    public bool Runs => Volatile.Read(ref _state) is Running or Wanted;

    /// <summary>Whether the caller is the thread.</summary>
    public bool IsCurrent => Volatile.Read(ref _current) == Environment.CurrentManagedThreadId;

    /// <summary>Whether the thread must not begin anything more.</summary>
    public bool IsStopped => Volatile.Read(ref _state) == Stopped;

    /// <summary>How often no thread could be started.</summary>
    public long FailedStarts => Volatile.Read(ref _failedStarts);

    /// <summary>The number of passes. Each pass that no wake caused is a wake-up of the processor.</summary>
    public long Passes => Volatile.Read(ref _passes);

    /// <summary>Asks for a pass that begins after this call. The caller holds no lock of the allocator.</summary>
    /// <returns><see langword="false"/> when there will be none: no thread can be had, or it was stopped.</returns>
    public bool TryWake()
    {
        // The caller's request is written before the state is read, or a pass could miss it.
        Interlocked.MemoryBarrier();
        while (true)
        {
            switch (Volatile.Read(ref _state))
            {
                case None when Interlocked.CompareExchange(ref _state, Wanted, None) == None:
                    return TryStart();
                case Running when Interlocked.CompareExchange(ref _state, Wanted, Running) == Running:
                    _wake.Set();
                    return true;
                case Wanted:
                    return true;
                case Stopped:
                    return false;
            }
        }
    }

    /// <summary>
    /// For the thread itself: rests, whoever wakes it meanwhile, until it is stopped or <paramref name="enough"/> says
    /// so.
    /// </summary>
    public void Rest(int milliseconds, Func<bool>? enough = null)
    {
        ForgetContext();
        long end = Environment.TickCount64 + milliseconds;
        while (!IsStopped && enough?.Invoke() != true && end - Environment.TickCount64 is > 0 and long left)
        {
            UninterruptibleWait.For(_wake, (int)left); // no wake is lost: the state records it as well
        }
    }

    /// <summary>Stops the thread for good. Waits for its end, unless the caller is that thread.</summary>
    public void Stop()
    {
        Interlocked.Exchange(ref _state, Stopped);
        _wake.Set();
        while (Volatile.Read(ref _threads) > (IsCurrent ? 1 : 0))
        {
            UninterruptibleLock.Pause();
        }
    }

    private bool TryStart()
    {
        Claim? claim = null;
        Interlocked.Increment(ref _threads);
        try
        {
            Starting?.Invoke(name);
            claim = new Claim();
            new Thread(() => Run(claim)) { IsBackground = true, Name = name }.UnsafeStart();
            return true;
        }
        catch (Exception refused)
        {
            if (refused is ThreadInterruptedException)
            {
                Thread.CurrentThread.Interrupt();
            }

            if (claim is not null && !claim.TryTake())
            {
                return true; // the thread runs all the same
            }

            Interlocked.Increment(ref _failedStarts);
            Interlocked.CompareExchange(ref _state, None, Wanted);
            Interlocked.Decrement(ref _threads);
            return false;
        }
    }

    private void Run(Claim claim)
    {
        if (!claim.TryTake())
        {
            return;
        }

        Volatile.Write(ref _current, Environment.CurrentManagedThreadId);
        while (Interlocked.CompareExchange(ref _state, Running, Wanted) == Wanted)
        {
            try
            {
                Interlocked.Increment(ref _passes);
                int more = pass();
                ForgetContext();
                WaitForWork(more);
            }
            catch (Exception failure)
            {
                failed(failure);
                Interlocked.CompareExchange(ref _state, None, Running); // ends; the next wake starts another
            }
        }

        // Or the next thread's, which runs already.
        Interlocked.CompareExchange(ref _current, 0, Environment.CurrentManagedThreadId);
        Interlocked.Decrement(ref _threads);
    }

    /// <summary>Users' code may have set a context, and a wait would then run more users' code.</summary>
    private static void ForgetContext() => SynchronizationContext.SetSynchronizationContext(null);

    /// <summary>
    /// Waits until a pass is wanted, or its time has come, or there was no work for so long that the thread ends.
    /// </summary>
    private void WaitForWork(int milliseconds)
    {
        long end = Environment.TickCount64 + (milliseconds == Timeout.Infinite ? Patience : milliseconds);
        while (Volatile.Read(ref _state) == Running)
        {
            long left = Math.Max(0, end - Environment.TickCount64);
            if (left == 0 || !UninterruptibleWait.For(_wake, (int)left))
            {
                Interlocked.CompareExchange(ref _state, milliseconds == Timeout.Infinite ? None : Wanted, Running);
            }
        }
    }

    /// <summary>The right to a start. Two ask for it, and one gets it.</summary>
    private sealed class Claim
    {
        private int _taken;

        public bool TryTake() => Interlocked.Exchange(ref _taken, 1) == 0;
    }
}
