namespace SlabGen.Memory;

/// <summary>The four reads that prove a sleep, as the remarks of <see cref="KernelThread"/> tell them.</summary>
/// <remarks>
/// The tests run this very code over words of their own, in every order (<see cref="ISharedWords"/>).
/// </remarks>
internal static class KernelSleep<TWords>
    where TWords : struct, ISharedWords
{
    /// <summary>No sleep was proven yet.</summary>
    public const long None = -1;

    /// <summary>
    /// Whether the thread slept, at some moment of this call, in a system call that it made outside any signal handler.
    /// </summary>
    /// <param name="knownSleep">The number of a sleep that was proven to be the thread's own. Any thread.</param>
    /// <param name="files">What the kernel tells of the thread.</param>
    public static bool IsProven(ref long knownSleep, IKernelFiles files)
    {
        // Perhaps the sleep that was proven last still goes on. Then nothing has changed since.
        long known = TWords.Read(ref knownSleep);
        bool blocked = known != None && files.IsBlockedInSystemCall();
        if (!files.TryReadStatus(out KernelStatus first))
        {
            return false;
        }

        if (blocked && first.Switches == known)
        {
            return true;
        }

        bool proven = first.Sleeps && files.TryReadStatus(out KernelStatus second) && second.Sleeps
            && !second.IsInHandler && second.Switches == first.Switches
            && files.IsBlockedInSystemCall()
            && files.TryReadStatus(out KernelStatus third) && third.Switches == first.Switches;
        if (proven)
        {
            TWords.Write(ref knownSleep, first.Switches);
        }

        return proven;
    }
}

/// <summary>What the kernel tells of one thread.</summary>
internal interface IKernelFiles
{
    /// <summary>Reads state, mask and count of switches at one moment.</summary>
    /// <returns><see langword="false"/> when nothing is known.</returns>
    bool TryReadStatus(out KernelStatus status);

    /// <summary>Whether the thread has left the processor inside a system call.</summary>
    bool IsBlockedInSystemCall();
}

/// <summary>A thread at one moment.</summary>
/// <param name="Sleeps">Its state says "sleeping". It may still run.</param>
/// <param name="IsInHandler">A signal that has a handler is blocked.</param>
/// <param name="Switches">How often it has left the processor to sleep.</param>
internal readonly record struct KernelStatus(bool Sleeps, bool IsInHandler, long Switches);
