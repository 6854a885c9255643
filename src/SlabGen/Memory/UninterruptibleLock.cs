using System.Runtime.CompilerServices;

namespace SlabGen.Memory;

/// <summary>
/// The lock of the allocator: like <see cref="Lock"/>, but <see cref="Thread.Interrupt"/> does not throw out of it.
/// </summary>
/// <remarks>
/// A thread that is interrupted while it waits here is in the middle of an update, and an exception would leave objects
/// with two owners or none. The interrupt is kept for the next wait of the user's own.
/// </remarks>
internal sealed class UninterruptibleLock
{
    private readonly Lock _lock = new();

    /// <summary>Takes the lock, until the scope is disposed.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Scope Hold()
    {
        if (!_lock.TryEnter())
        {
            EnterContended();
        }

        return new Scope(_lock);
    }

    /// <summary>Takes the lock, and counts whether another thread held it.</summary>
    /// <param name="contentions">Guarded by this lock, which is what the count is of.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Scope Hold(ref long contentions)
    {
        if (!_lock.TryEnter())
        {
            EnterContended();
            contentions++;
        }

        return new Scope(_lock);
    }

    /// <summary>Takes the lock for as long as no scope can say: until <see cref="Exit"/>, on the same thread.</summary>
    public void Enter() => Hold();

    /// <summary>Ends what <see cref="Enter"/> began.</summary>
    public void Exit() => _lock.Exit();

    /// <summary>Waits a millisecond, likewise without being interrupted.</summary>
    public static void Pause() => KeepInterrupt(static _ => Thread.Sleep(1), null);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void EnterContended() => KeepInterrupt(static l => l!.Enter(), _lock);

    private static void KeepInterrupt(Action<Lock?> wait, Lock? argument)
    {
        for (bool interrupted = false; ;)
        {
            try
            {
                wait(argument);
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

    /// <summary>The time during which the lock is held.</summary>
    public readonly ref struct Scope(Lock held)
    {
        private readonly Lock _held = held;

        /// <summary>Releases the lock.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Dispose() => _held.Exit();
    }
}
