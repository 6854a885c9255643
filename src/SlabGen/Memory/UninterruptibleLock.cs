using System.Runtime.CompilerServices;

namespace SlabGen.Memory;

/// <summary>
/// The lock of the allocator. Who waits for it waits in the kernel: no code of anybody runs there, and nothing throws.
/// </summary>
/// <remarks>
/// <para>Why not <see cref="Lock"/>: its contended wait calls <see cref="SynchronizationContext.Wait"/>, and runs messages on a
/// thread of a single-threaded apartment. Users' code there may allocate, and enter what its own thread holds, which
/// <see cref="Lock"/> permits: one object then had two owners. And <see cref="Thread.Interrupt"/> throws out of it, in the middle of
/// an update. Here an interrupt is kept for the next wait of the user's own.</para>
/// <para><b>Not reentrant.</b> The word holds the owner's number, so that an entry by the thread that is inside already is known where it
/// cannot get in, and throws. Nothing of the allocator does that, and the allocator calls nobody inside. But what is thrown inside is shown to handlers of
/// <see cref="AppDomain.FirstChanceException"/>, users' code, before it leaves. So errors are found inside and thrown outside. What remains: that a cache
/// was destroyed, thrown under the gate that a call on that very cache would need; what the making of a runtime, its <see cref="Kmalloc"/> or a low zone
/// throws, under the lock of that making; what the system or the runtime itself throws, for want of managed memory.</para>
/// <para><b>The word</b> is 0 when the lock is free, else the owner's managed thread id, shifted, and two bits. <see cref="Awaited"/>:
/// somebody waits, or did; whoever leaves wakes one. It is set by who goes to wait, and by who has waited when that takes the
/// lock, because others may wait behind it (Drepper, "Futexes are tricky", mutex 2).</para>
/// <para><b>Fairness.</b> A lock that is left may be taken by whoever comes first, not by who was woken: that is what makes it quick.
/// Who was woken in vain for <see cref="Patience"/> milliseconds sets <see cref="Reserved"/>: the lock that is left then stays reserved for
/// those that have waited, which the kernel wakes in the order in which they came, until the one that set it has had its turn.</para>
/// <para><b>Why nobody sleeps for ever.</b> A thread goes to sleep only on a word with <see cref="Awaited"/>, and the kernel compares the
/// word with what the thread saw. So whoever holds or leaves the lock after that sees the bit, and wakes one. Who is woken takes
/// the lock, or finds another owner and sets the bit again. A reserved lock that nobody holds is left together with a call that
/// wakes one; all who have called the kernel once may take it, and nobody else sleeps on it before it was woken.</para>
/// </remarks>
internal sealed class UninterruptibleLock
{
    private const int Awaited = 1, Reserved = 2, OwnerShift = 2;

    /// <summary>Looks at a held lock before the thread sleeps, with pauses that double: a few microseconds, for most are held for less.</summary>
    private const int Spins = 10, LongestSpin = 6;

    /// <summary>Milliseconds after which a waiting thread has the lock reserved.</summary>
    private const int Patience = 100;

    private int _word;

    /// <summary>Whether the calling thread is inside.</summary>
    public bool IsHeld => Volatile.Read(ref _word) >> OwnerShift == Environment.CurrentManagedThreadId;

    /// <summary>Whether any thread is inside, at this moment.</summary>
    public bool IsTaken => Volatile.Read(ref _word) >> OwnerShift != 0;

    /// <summary>Whether a thread sleeps until the lock is left, or is about to; for tests, while the lock is held.</summary>
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
    /// <param name="contentions">Guarded by this lock, which is what the count is of.</param>
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

    /// <summary>Takes the lock for as long as no scope can say: until <see cref="Exit"/>, on the same thread.</summary>
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

    /// <summary>Waits a millisecond, likewise without being interrupted. The caller holds no lock.</summary>
    /// <remarks>By the runtime: it calls no context, and the thread is seen to be in a wait, and so outside of any fast path.</remarks>
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
    private bool TryEnter() => Interlocked.CompareExchange(ref _word, Environment.CurrentManagedThreadId << OwnerShift, 0) == 0;

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
                // Free, and for this thread to take. It gives up what it reserved, and not what another has.
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
            // Without the owner; who holds a word without a waiter cannot have it reserved.
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
