using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace SlabGen.Reclaim;

/// <summary>
/// Linux pressure stall information: a trigger in the kernel that remembers when some thread waited for memory for a
/// tenth of two seconds (<c>psi_trigger_create</c>). Two seconds, because that window needs no privilege.
/// </summary>
internal sealed partial class PressureStall : PressureSource
{
    private const short PollPriority = 2; // POLLPRI
    private readonly string _path;
    private readonly SafeFileHandle _file;
    private bool _seen; // by a wait, and not yet told

    private PressureStall(string path, SafeFileHandle file)
    {
        _path = path;
        _file = file;
    }

    public override string Name => $"pressure stall, {_path}";

    /// <returns><see langword="null"/> when the system has no such file, or no trigger for us.</returns>
    public static PressureStall? TryOpen(string path)
    {
        SafeFileHandle? file = null;
        try
        {
            file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
            RandomAccess.Write(file, "some 200000 2000000\0"u8, 0);
            return new PressureStall(path, file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            file?.Dispose(); // an older kernel, a sandbox, or a system without it: the other sources remain
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

    protected override void Dispose(bool disposing)
    {
        _file.Dispose();
        base.Dispose(disposing);
    }

    private bool Poll(int milliseconds)
    {
        var request = new PollRequest { File = (int)_file.DangerousGetHandle(), Events = PollPriority };
        return Poll(ref request, 1, milliseconds) > 0 && (request.Returned & PollPriority) != 0;
    }

    [LibraryImport("libc", EntryPoint = "poll")]
    private static partial int Poll(ref PollRequest requests, nuint count, int milliseconds);

    /// <summary><c>struct pollfd</c>.</summary>
    private struct PollRequest
    {
        public int File;
        public short Events;
        public short Returned;
    }
}
