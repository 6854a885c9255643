using System.Runtime.CompilerServices;

namespace SlabGen.Memory;

/// <summary>
/// The lock of the allocator. A thread that waits for it waits in the kernel, where no user code runs and nothing
/// throws.
/// </summary>
/// <remarks>
/// <para>Why not <see cref="Lock"/>: its contended wait calls <see cref="SynchronizationContext.Wait"/>, and runs
/// messages on a thread of a single-threaded apartment. Users' code there may allocate, and enter what its own thread
/// holds, which <see cref="Lock"/> permits. One object then had two owners. And <see cref="Thread.Interrupt"/> throws
/// out of that wait, in the middle of an update. Here an interrupt is kept for the user's own next wait.</para>
/// <para><b>Not reentrant.</b> The word holds the owner's number. So an entry by the thread that is already inside is
/// recognised on the path that cannot get in, and throws. Nothing in the allocator enters twice, and the allocator
/// calls no user code inside. But handlers of <see cref="AppDomain.FirstChanceException"/>, which are users' code, see
/// what is thrown inside before it leaves. So errors are found inside and thrown outside. Three kinds remain:</para>
/// <list type="bullet">
/// <item>that a cache was destroyed, thrown under the gate that a call on that very cache would need;</item>
/// <item>what the making of a runtime, of its <see cref="Kmalloc"/> or of a low zone throws, under the lock of that
/// making;</item>
/// <item>what the system or the .NET runtime throws when managed memory is short.</item>
/// </list>
/// <para><b>The word</b> is 0 when the lock is free. Otherwise it is the owner's managed thread id, shifted, and two
/// bits. <see cref="Awaited"/> says that a thread waits, or did; whoever leaves the lock then wakes one. A thread sets
/// it when it goes to wait. A thread that has waited sets it again when it takes the lock, because others may wait
/// behind it (Drepper, "Futexes are tricky", mutex 2).</para>
/// <para><b>Fairness.</b> When the lock is left, the first thread to come may take it, not the one that was woken. That
/// makes it quick. A thread that was woken in vain for <see cref="Patience"/> milliseconds sets <see cref="Reserved"/>.
/// The lock then stays reserved for the threads that have waited, which the kernel wakes in the order in which they
/// came, until the thread that set the bit has had its turn.</para>
/// <para><b>Why no thread sleeps for ever.</b> A thread goes to sleep only on a word with <see cref="Awaited"/>, and
/// the kernel compares the word with what the thread saw. So whoever holds or leaves the lock after that sees the bit,
/// and wakes one. The woken thread takes the lock, or finds another owner and sets the bit again. Whoever leaves a
/// reserved lock without an owner also wakes one thread. All threads that have called the kernel once may take it, and
/// no other thread sleeps on it before it was woken.</para>
/// </remarks>
internal sealed class UninterruptibleLock
{
    private const int Awaited = 1, Reserved = 2, OwnerShift = 2;

    /// <summary>
    /// How often to look at a held lock before sleeping, with pauses that double: a few microseconds, because most
    /// locks are held for less.
    /// </summary>
    private const int Spins = 10, LongestSpin = 6;

    /// <summary>Milliseconds after which a waiting thread has the lock reserved.</summary>
    private const int Patience = 100;

    private int _word;

    /// <summary>Whether the calling thread is inside.</summary>
    public bool IsHeld => Volatile.Read(ref _word) >> OwnerShift == Environment.CurrentManagedThreadId;

    /// <summary>Whether any thread is inside, at this moment.</summary>
    public bool IsTaken => Volatile.Read(ref _word) >> OwnerShift != 0;

    /// <summary>
    /// Whether a thread sleeps until the lock is left, or is about to. For tests, while the lock is held.
    /// </summary>
    public bool IsAwaited => (Volatile.Read(ref _word) & Awaited) != 0;

    /// <summary>Takes the lock, until the scope is disposed.</summary>
    /// <exception cref="LockRecursionException">The calling thread holds it.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Scope Hold()
    {
        if (!TryEnter())
        {
            EnterContended();
        }

        return new Scope(this);
    }

    /// <summary>Takes the lock, and counts whether another thread held it.</summary>
    /// <param name="contentions">The count, guarded by this same lock.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Scope Hold(ref long contentions)
    {
        if (!TryEnter())
        {
            EnterContended();
            contentions++;
        }

        return new Scope(this);
    }

    /// <summary>Takes the lock until <see cref="Exit"/> on the same thread, for when no scope fits.</summary>
    public void Enter() => Hold();

    /// <summary>Ends what <see cref="Enter"/> began.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Exit()
    {
        int word = _word; // its owner reads its own number; the bits may change at any time
        if ((word & (Awaited | Reserved)) != 0 || Interlocked.CompareExchange(ref _word, 0, word) != word)
        {
            ExitContended();
        }
    }

    /// <summary>Waits a millisecond, also without being interrupted. The caller holds no lock.</summary>
    /// <remarks>
    /// It uses a wait of the .NET runtime. That wait calls no context here, and shows the thread to be waiting, and so
    /// outside any fast path.
    /// </remarks>
    public static void Pause()
    {
        for (bool interrupted = false; ;)
        {
            try
            {
                Thread.Sleep(1);
                if (interrupted)
                {
                    Thread.CurrentThread.Interrupt();
                }

                return;
            }
            catch (ThreadInterruptedException)
            {
                interrupted = true; // thrown again by the next wait, after this one
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TryEnter() =>
        Interlocked.CompareExchange(ref _word, Environment.CurrentManagedThreadId << OwnerShift, 0) == 0;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void EnterContended()
    {
        if (IsHeld)
        {
            throw new LockRecursionException("SlabGen: this thread is inside the allocator already. Code of yours that runs there, such as a handler of AppDomain.FirstChanceException, must not allocate or free.");
        }

        for (int i = Environment.ProcessorCount > 1 ? 0 : Spins; i < Spins; i++)
        {
            Thread.SpinWait(1 << Math.Min(i, LongestSpin));
            if (Volatile.Read(ref _word) == 0 && TryEnter())
            {
                return;
            }
        }

        WaitAndEnter();
    }

    private void WaitAndEnter()
    {
        int owner = Environment.CurrentManagedThreadId << OwnerShift;
        long start = Environment.TickCount64;
        bool waited = false, reserved = false;
        while (true)
        {
            int word = Volatile.Read(ref _word);
            if (word >> OwnerShift == 0 && (waited || (word & Reserved) == 0))
            {
                // The lock is free, and this thread may take it. It clears its own reservation, and leaves that of
                // another.
                int next = owner | (waited ? Awaited : 0) | (reserved ? 0 : word & Reserved);
                if (Interlocked.CompareExchange(ref _word, next, word) == word)
                {
                    return;
                }

                continue;
            }

            bool reserve = waited && Environment.TickCount64 - start >= Patience;
            int awaited = word | Awaited | (reserve ? Reserved : 0);
            if (awaited == word || Interlocked.CompareExchange(ref _word, awaited, word) == word)
            {
                reserved |= reserve;
                KernelWait.Wait(ref _word, awaited);
                waited = true;
            }
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void ExitContended()
    {
        int word = Volatile.Read(ref _word);
        while (true)
        {
            // Keeps the bits but not the owner. A lock whose word shows no waiter cannot be reserved.
            int free = (word & Reserved) != 0 ? Reserved | Awaited : 0;
            int seen = Interlocked.CompareExchange(ref _word, free, word);
            if (seen == word)
            {
                break;
            }

            word = seen;
        }

        if ((word & Awaited) != 0)
        {
            KernelWait.WakeOne(ref _word);
        }
    }

    /// <summary>The time during which the lock is held.</summary>
    public readonly ref struct Scope(UninterruptibleLock held)
    {
        private readonly UninterruptibleLock _held = held;

        /// <summary>Leaves the lock.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Dispose() => _held.Exit();
    }
}
