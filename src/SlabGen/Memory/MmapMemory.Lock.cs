using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.InteropServices;

namespace SlabGen.Memory;

// Locking, and how much the system permits.
internal sealed partial class MmapMemory
{
    private const int LockOnFault = 1;

    private static readonly int s_lockedMemoryLimit = OperatingSystem.IsMacOS() ? 6 : 8;

    public bool TryLock(nint address, long bytes, [NotNullWhen(false)] out string? refusal)
    {
        if (LockRange(address, (nuint)bytes))
        {
            if (OperatingSystem.IsMacOS())
            {
                _untrimmable.Add(address, bytes); // the fresh mapping that Trim makes there is not locked
            }

            refusal = null;
            return true;
        }

        string reason = Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError());
        _ = Unlock(address, (nuint)bytes); // mlock may have locked a part before it failed
        refusal = $"mlock refused {bytes} bytes ({reason}): RLIMIT_MEMLOCK permits {LockedMemoryLimit()} in all. " +
            "Raise it by ulimit -l (in KiB), LimitMEMLOCK= of a systemd unit, or --ulimit memlock= of a container.";
        return false;
    }

    /// <summary>
    /// Locks pages at their first touch where the system can (Linux 4.4); otherwise brings all of them in now.
    /// </summary>
    private static bool LockRange(nint address, nuint bytes)
    {
        const int NoSuchCall = 38; // ENOSYS
        if (OperatingSystem.IsLinux())
        {
            try
            {
                if (Lock2(address, bytes, LockOnFault) == 0)
                {
                    return true;
                }

                if (Marshal.GetLastPInvokeError() != NoSuchCall)
                {
                    return false;
                }
            }
            catch (EntryPointNotFoundException)
            {
                // A C library from before 2018 lacks the call.
            }
        }

        return Lock(address, bytes) == 0;
    }

    private static string LockedMemoryLimit() =>
        GetLimit(s_lockedMemoryLimit, out Limit limit) != 0 ? "an unknown number of bytes"
        : limit.Current >= (nuint)nint.MaxValue ? "any number of bytes" // RLIM_INFINITY of either system
        : string.Create(CultureInfo.InvariantCulture, $"{limit.Current} bytes");

    [LibraryImport("libc", EntryPoint = "mlock2", SetLastError = true)]
    private static partial int Lock2(nint address, nuint length, int flags);

    [LibraryImport("libc", EntryPoint = "mlock", SetLastError = true)]
    private static partial int Lock(nint address, nuint length);

    [LibraryImport("libc", EntryPoint = "munlock")]
    private static partial int Unlock(nint address, nuint length);

    [LibraryImport("libc", EntryPoint = "getrlimit")]
    private static partial int GetLimit(int resource, out Limit limit);

    /// <summary>
    /// <c>struct rlimit</c>: the limit that applies, and how far it may be raised without privileges.
    /// </summary>
    private struct Limit
    {
        public nuint Current;
        public nuint Maximum;
    }
}
