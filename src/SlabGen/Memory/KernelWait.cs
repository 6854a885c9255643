using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace SlabGen.Memory;

/// <summary>Waits in the kernel until a word changes: <c>futex</c> on Linux, <c>WaitOnAddress</c> on Windows.</summary>
/// <remarks>
/// The waits of the .NET runtime do not serve here. They call the thread's <see cref="SynchronizationContext"/>, run
/// messages in a single-threaded apartment, and throw when the thread is interrupted. This wait runs no user code. The
/// thread is in native code meanwhile, so a garbage collection does not wait for it. Where the system has neither call,
/// a wait sleeps for short moments.
/// </remarks>
internal static unsafe partial class KernelWait
{
    // FUTEX_WAIT, FUTEX_WAKE | FUTEX_PRIVATE_FLAG.
    private const int FutexWaitPrivate = 0 | 128, FutexWakePrivate = 1 | 128;
    private const uint Forever = uint.MaxValue; // INFINITE

    /// <summary>Microseconds of a sleep on systems where nothing can wake the waiting thread.</summary>
    private const uint Moment = 100;

    // The number of futex, which the C library has no function for.
    private static readonly int s_futex = !OperatingSystem.IsLinux() ? 0 : RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => 202,
        Architecture.X86 or Architecture.Arm or Architecture.Armv6 => 240,
        Architecture.Arm64 or Architecture.LoongArch64 or Architecture.RiscV64 => 98,
        Architecture.S390x => 238,
        Architecture.Ppc64le => 221,
        _ => 0,
    };

    /// <summary>
    /// Waits until the word is woken, if it is still as expected. It may also return for no reason, so look again.
    /// </summary>
    public static void Wait(ref int word, int expected)
    {
        fixed (int* address = &word) // it stays where it is while the kernel knows it
        {
            if (s_futex != 0)
            {
                _ = Futex(s_futex, address, FutexWaitPrivate, expected, null, null, 0);
            }
            else if (OperatingSystem.IsWindows())
            {
                _ = WaitOnAddress(address, &expected, sizeof(int), Forever);
            }
            else if (Volatile.Read(ref word) == expected && !OperatingSystem.IsBrowser() && !OperatingSystem.IsWasi())
            {
                _ = Sleep(Moment);
            }
        }
    }

    /// <summary>Wakes one of the threads that wait for the word. Change the word first.</summary>
    public static void WakeOne(ref int word)
    {
        fixed (int* address = &word)
        {
            if (s_futex != 0)
            {
                _ = Futex(s_futex, address, FutexWakePrivate, 1, null, null, 0);
            }
            else if (OperatingSystem.IsWindows())
            {
                WakeByAddress(address);
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "syscall")]
    private static partial nint Futex(nint number, int* word, nint operation, nint value, void* timeout, int* second,
        nint third);

    [LibraryImport("libc", EntryPoint = "usleep")]
    private static partial int Sleep(uint microseconds);

    [SupportedOSPlatform("windows")]
    [LibraryImport("api-ms-win-core-synch-l1-2-0", EntryPoint = "WaitOnAddress")]
    private static partial int WaitOnAddress(int* word, int* expected, nuint size, uint milliseconds);

    [SupportedOSPlatform("windows")]
    [LibraryImport("api-ms-win-core-synch-l1-2-0", EntryPoint = "WakeByAddressSingle")]
    private static partial void WakeByAddress(int* word);
}
