using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace SlabGen.Reclaim;

/// <summary>
/// Windows: the notification that physical memory runs low (<c>CreateMemoryResourceNotification</c>).
/// </summary>
[SupportedOSPlatform("windows")]
internal sealed partial class WindowsLowMemory : PressureSource
{
    private readonly SafeFileHandle _notification = new(Create(0), ownsHandle: true);

    public override string Name => "low memory notification";

    public override bool IsShort() =>
        !_notification.IsInvalid && Query(_notification, out int isLow) != 0 && isLow != 0;

    protected override void Dispose(bool disposing)
    {
        _notification.Dispose();
        base.Dispose(disposing);
    }

    [LibraryImport("kernel32", EntryPoint = "CreateMemoryResourceNotification")]
    private static partial nint Create(int type);

    [LibraryImport("kernel32", EntryPoint = "QueryMemoryResourceNotification")]
    private static partial int Query(SafeFileHandle notification, out int isLow);
}
