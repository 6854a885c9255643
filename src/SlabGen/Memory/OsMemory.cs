namespace SlabGen.Memory;

/// <summary>Chooses the backing for the system the process runs on.</summary>
internal static class OsMemory
{
    public static IOsMemory Current { get; } =
        OperatingSystem.IsWindows() ? new WindowsMemory()
        : OperatingSystem.IsLinux() || OperatingSystem.IsMacOS() ? new MmapMemory()
        : new PortableMemory();
}
