namespace SlabGen.Memory;

/// <summary>
/// A background thread of the allocator, which is there while there is work and some seconds more. It passes over the work at least once
/// after each wake, and when the time has come that the last pass asked for.
/// </summary>
/// <remarks>
/// <para><b>Nothing ends the process.</b> What a pass throws, or a wait for want of memory, goes to <c>failed</c>, whose business it is to tell the next
/// caller; the thread goes on, or ends and is started again by the next wake.</para>
/// <para><b>Waking never throws</b>, waits for nothing of ours and is done without a lock of the allocator: the start of a thread may run users'
/// code (its wait is the runtime's). Where no thread can be had, because the process may have no more or for want of memory, the state goes back
/// and the next wake tries again: what the caller wants done stays written where the pass looks for it.</para>
/// <para><b>State</b>, by compare-and-exchange: None → Wanted by who wakes, and then starts the thread, and back by the same if it cannot; Running → Wanted by
/// who wakes; Wanted → Running and Running → None by the thread; any → Stopped by <see cref="Stop"/>. <see cref="_threads"/> counts those that are being
/// started or run: it is more than 1 for moments, while one that found no work is at its end.</para>
/// <para><b>A start that fails may have succeeded</b>: under NativeAOT it waits for the new thread, and an interrupt throws out of that wait. So thread and starter
/// both claim the start, and the first has it. The interrupt is kept for the caller's next wait.</para>
/// </remarks>
/// <param name="name">What debuggers show.</param>
/// <param name="pass">Does what there is to do, and says after how many milliseconds there is more, if nobody wakes the thread before:
/// <see cref="Timeout.Infinite"/> for never, and then the thread ends.</param>
/// <param name="failed">Takes what <paramref name="pass"/> throws; does not throw.</param>
#pragma warning disable CA1001 // The event is not disposed: who wakes may be about to set it when the thread is stopped, and holds no lock against that.
internal sealed class OnDemandThread(string name, Func<int> pass, Action<Exception> failed)
{
    private const int None = 0, Running = 1, Wanted = 2, Stopped = 3;

    /// <summary>Milliseconds that a thread without work waits for some.</summary>
    private const int Patience = 2000;

    private readonly AutoResetEvent _wake = new(false);
    private int _state;
    private int _threads;
    private int _current; // managed id of the thread, while one runs
    private long _failedStarts, _passes;

    /// <summary>Called before each start of a thread that the calling thread asks for; tests throw there.</summary>
    [field: ThreadStatic]
    internal static Action<string>? Starting { get; set; }

    /// <summary>Whether a thread runs, or is being started.</summary>
    public bool Runs => Volatile.Read(ref _state) is Running or Wanted;

    /// <summary>Whether the caller is the thread.</summary>
    public bool IsCurrent => Volatile.Read(ref _current) == Environment.CurrentManagedThreadId;

    /// <summary>Whether the thread must not begin anything more.</summary>
    public bool IsStopped => Volatile.Read(ref _state) == Stopped;

    /// <summary>How often no thread could be had.</summary>
    public long FailedStarts => Volatile.Read(ref _failedStarts);

    /// <summary>How often there was a pass: each but those after a wake is a wake-up of the processor.</summary>
    public long Passes => Volatile.Read(ref _passes);

    /// <summary>Asks for a pass that begins after this call. The caller holds no lock of the allocator.</summary>
    /// <returns><see langword="false"/> when there will be none: no thread can be had, or it was stopped.</returns>
    public bool TryWake()
    {
        Interlocked.MemoryBarrier(); // what is wanted was written before the state is read, or a pass could miss it
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

    /// <summary>The thread itself: waits, whoever wakes it meanwhile, but not when it is stopped, or <paramref name="enough"/>.</summary>
    public void Rest(int milliseconds, Func<bool>? enough = null)
    {
        ForgetContext();
        long end = Environment.TickCount64 + milliseconds;
        while (!IsStopped && enough?.Invoke() != true && end - Environment.TickCount64 is > 0 and long left)
        {
            UninterruptibleWait.For(_wake, (int)left); // a wake is not lost: the state says it as well
        }
    }

    /// <summary>Stops the thread and waits for its end, if there is one, and it is not the caller. There is none from then on.</summary>
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
                return true; // it runs all the same
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

        Interlocked.CompareExchange(ref _current, 0, Environment.CurrentManagedThreadId); // or the next thread's, which runs already
        Interlocked.Decrement(ref _threads);
    }

    /// <summary>Users' code may have run, and a context that it set would run more of it in a wait.</summary>
    private static void ForgetContext() => SynchronizationContext.SetSynchronizationContext(null);

    /// <summary>Waits until somebody wants a pass or the time for one has come, or there was no work for so long that the thread ends.</summary>
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

    /// <summary>The right to a start: one of two gets it.</summary>
    private sealed class Claim
    {
        private int _taken;

        public bool TryTake() => Interlocked.Exchange(ref _taken, 1) == 0;
    }
}
