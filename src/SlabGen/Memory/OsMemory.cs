using System.Runtime.CompilerServices;

namespace SlabGen.Memory;

/// <summary>Chooses the backing for the system the process runs on.</summary>
internal static class OsMemory
{
    public static IOsMemory Current { get; } =
        OperatingSystem.IsWindows() ? new WindowsMemory()
        : OperatingSystem.IsLinux() || OperatingSystem.IsMacOS() ? new MmapMemory()
        : Portable();

    [MethodImpl(MethodImplOptions.NoInlining)] // the assembly of what it is made of is loaded where it is needed alone
    private static PortableMemory Portable() => new();
}
