using System.Runtime.InteropServices;

namespace SlabGen.Memory;

/// <summary>
/// How much memory and how many addresses there are for the process: what the machine has, within the limits of the
/// process's control groups. The limit of the garbage collector is not asked, because a program that moves data off the
/// collector's heap makes that limit small.
/// </summary>
internal static partial class MachineMemory
{
    private const int LimitOfAddresses = 9; // RLIMIT_AS of Linux

    /// <summary>Bytes of memory. They are read once: a limit that is raised later is not seen.</summary>
    public static long Bytes { get; } = Math.Min(Physical(), Group());

    /// <summary>
    /// The limit, in bytes, of a runtime whose options set none. It is three quarters of the memory, to leave some for
    /// the collector, and at most half of the addresses that are left.
    /// </summary>
    public static long DefaultLimit() => Math.Max(Page.Size, Math.Min(Bytes / 4 * 3, AddressesLeft() / 2) & -Page.Size);

    /// <summary>
    /// Bytes of addresses that the process may still take; <see cref="long.MaxValue"/> where it has no limit.
    /// </summary>
    private static long AddressesLeft()
    {
        if (!OperatingSystem.IsLinux() || GetLimit(LimitOfAddresses, out ResourceLimit limit) != 0
            || limit.Current > long.MaxValue)
        {
            return long.MaxValue;
        }

        string pages = SystemFile.Read("/proc/self/statm")?.Split(' ')[0] ?? "";
        long used = SystemFile.TryParse(pages, out long count) ? count << Page.Shift : 0;
        return Math.Max(0, (long)limit.Current - used);
    }

    private static long Group() => OperatingSystem.IsLinux()
        ? ControlGroup.Limit(SystemFile.Read("/proc/self/cgroup"), SystemFile.Read("/proc/self/mountinfo"))
        : long.MaxValue;

    private static long Physical()
    {
        long physical = OperatingSystem.IsLinux() ? Total(SystemFile.Read("/proc/meminfo"))
            : OperatingSystem.IsWindows() ? OfWindows()
            : OperatingSystem.IsMacOS() ? OfMacOS()
            : 0;
        if (physical > 0 && (OperatingSystem.IsLinux() || HasCollectorsLimit()))
        {
            return physical;
        }

        // Without a limit of its own the collector reports what the machine has, or the job object of Windows.
        long seen = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        return physical > 0 ? Math.Min(physical, seen) : seen;
    }

    /// <summary>Bytes of <c>MemTotal</c>; 0 when the line is missing.</summary>
    internal static long Total(string? meminfo)
    {
        string number = SystemFile.Line(meminfo, "MemTotal:")?.Replace("kB", "", StringComparison.Ordinal).Trim() ?? "";
        return SystemFile.TryParse(number, out long kilobytes) ? kilobytes * 1024 : 0;
    }

    private static bool HasCollectorsLimit() =>
        GC.GetConfigurationVariables()
            .Any(v => v.Key.StartsWith("GCHeapHardLimit", StringComparison.Ordinal) && v.Value is > 0L);

    private static unsafe long OfWindows()
    {
        var status = new MemoryStatus { Length = (uint)sizeof(MemoryStatus) };
        return GetMemoryStatus(ref status) != 0 ? (long)status.TotalPhysical : 0;
    }

    private static unsafe long OfMacOS()
    {
        ulong bytes = 0;
        nuint size = sizeof(ulong);
        return GetByName("hw.memsize", &bytes, &size, null, 0) == 0 ? (long)bytes : 0;
    }

    [LibraryImport("libc", EntryPoint = "getrlimit")]
    private static partial int GetLimit(int resource, out ResourceLimit limit);

    [LibraryImport("libc", EntryPoint = "sysctlbyname", StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int GetByName(string name, void* value, nuint* size, void* newValue, nuint newSize);

    [LibraryImport("kernel32", EntryPoint = "GlobalMemoryStatusEx")]
    private static partial int GetMemoryStatus(ref MemoryStatus status);

    /// <summary><c>struct rlimit</c>.</summary>
    private struct ResourceLimit
    {
        public nuint Current;
        public nuint Maximum;
    }

    /// <summary><c>MEMORYSTATUSEX</c>.</summary>
    private unsafe struct MemoryStatus
    {
        public uint Length;
        public uint Load;
        public ulong TotalPhysical;
        public fixed ulong Others[6];
    }
}
