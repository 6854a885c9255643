using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace SlabGen.Reclaim;

/// <summary>
/// Linux pressure stall information. A trigger in the kernel remembers when some thread waited for memory for a tenth
/// of two seconds (<c>psi_trigger_create</c>). The window is two seconds because that needs no privilege.
/// </summary>
/// <remarks>
/// The wait also polls an <c>eventfd</c>, which <see cref="EndWait"/> makes readable for good. The wait may be half a
/// minute long, and its thread must end at once.
/// </remarks>
internal sealed partial class PressureStall : PressureSource
{
    private const short PollIn = 1, PollPriority = 2; // POLLIN, POLLPRI
    private const int CloseOnExec = 0x80000; // EFD_CLOEXEC
    private readonly string _path;
    private readonly SafeFileHandle _file, _end;
    private bool _seen; // seen by a wait, and not reported yet

    private PressureStall(string path, SafeFileHandle file, SafeFileHandle end)
    {
        _path = path;
        _file = file;
        _end = end;
    }

    public override string Name => $"pressure stall, {_path}";

    /// <returns><see langword="null"/> when the system has no such file, or grants no trigger.</returns>
    public static PressureStall? TryOpen(string path)
    {
        SafeFileHandle? file = null, end = null;
        try
        {
            file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
            RandomAccess.Write(file, "some 200000 2000000\0"u8, 0);
            end = new SafeFileHandle(EventFd(0, CloseOnExec), ownsHandle: true);
            return end.IsInvalid ? throw new IOException("The system has no eventfd for us.") : new PressureStall(path, file, end);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            end?.Dispose();
            file?.Dispose(); // an older kernel, a sandbox, or a system without it; the other sources remain
            return null;
        }
    }

    public override bool CanWait => true;

    /// <remarks>The event waits in the kernel until it is polled; <see cref="Wait"/> may have done that.</remarks>
    public override bool IsShort()
    {
        bool isShort = _seen || Poll(0);
        _seen = false;
        return isShort;
    }

    public override void Wait(int milliseconds) => _seen |= Poll(milliseconds);

    public override void EndWait()
    {
        ulong one = 1;
        // It fails only when it was written 2^64 times, and then it is readable as well.
        _ = Write(_end, one, sizeof(ulong));
    }

    protected override void Dispose(bool disposing)
    {
        _file.Dispose();
        _end.Dispose();
        base.Dispose(disposing);
    }

    private unsafe bool Poll(int milliseconds)
    {
        PollRequest* requests = stackalloc PollRequest[2];
        requests[0] = new PollRequest { File = (int)_file.DangerousGetHandle(), Events = PollPriority, Returned = 0 };
        requests[1] = new PollRequest { File = (int)_end.DangerousGetHandle(), Events = PollIn };
        return Poll(requests, 2, milliseconds) > 0 && (requests[0].Returned & PollPriority) != 0;
    }

    [LibraryImport("libc", EntryPoint = "poll")]
    private static unsafe partial int Poll(PollRequest* requests, nuint count, int milliseconds);

    [LibraryImport("libc", EntryPoint = "eventfd")]
    private static partial int EventFd(uint value, int flags);

    [LibraryImport("libc", EntryPoint = "write")]
    private static partial nint Write(SafeFileHandle file, in ulong value, nuint bytes);

    /// <summary><c>struct pollfd</c>.</summary>
    private struct PollRequest
    {
        public int File;
        public short Events;
        public short Returned;
    }
}
