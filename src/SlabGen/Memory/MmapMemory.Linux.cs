using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.InteropServices;

namespace SlabGen.Memory;

// What only Linux has: huge pages and node-bound memory on request.
internal sealed partial class MmapMemory
{
    private const int MapHugeTlb = 0x40000;
    private const int MadvHugePage = 14, MadvNoHugePage = 15, MadvPopulateWrite = 23;
    private const int InvalidArgument = 22; // EINVAL
    private const string HugePageSetting = "/sys/kernel/mm/transparent_hugepage/enabled";
    private const int HugePageShift = 21;
    private const int PolicyPreferred = 1; // MPOL_PREFERRED
    private const int MaxNodes = 1024; // the most that a kernel is built for

    // The number of mbind, which the C library has no function for.
    private static readonly int s_bind = !OperatingSystem.IsLinux() ? 0 : RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => 237,
        Architecture.Arm64 => 235,
        _ => 0,
    };

    public bool TryUseHugePages(nint address, long bytes, HugePages huge, [NotNullWhen(false)] out string? refusal)
    {
        refusal = (huge, OperatingSystem.IsLinux()) switch
        {
            (HugePages.None, _) => null,
            (_, false) => "macOS has no huge pages to ask for.",
            (HugePages.Transparent, _) => AdviseHugePages(address, bytes),
            _ => MapHugePages(address, bytes),
        };
        return refusal is null;
    }

    // With pages of 16 or 64 KiB a huge page is larger than a section.
    public bool MakesHugePages(bool asked) =>
        OperatingSystem.IsLinux() && Page.Shift == 12 && SystemFile.Read(HugePageSetting) is { } setting
        && (setting.Contains("[always]", StringComparison.Ordinal)
            || (asked && setting.Contains("[madvise]", StringComparison.Ordinal)));

    // A kernel built without huge pages does not know this advice.
    public bool TryAvoidHugePages(nint address, long bytes) =>
        !OperatingSystem.IsLinux() || Advise(address, (nuint)bytes, MadvNoHugePage) == 0
            || Marshal.GetLastPInvokeError() == InvalidArgument;

    public unsafe bool TryBindToNode(nint address, long bytes, int node)
    {
        if (s_bind == 0 || node is < 0 or >= MaxNodes)
        {
            return false;
        }

        ulong* nodes = stackalloc ulong[MaxNodes / 64];
        new Span<ulong>(nodes, MaxNodes / 64).Clear();
        nodes[node / 64] = 1UL << (node % 64);

        // The kernel takes the mask to be one bit shorter than it is told.
        return SystemCall(s_bind, address, (nuint)bytes, PolicyPreferred, nodes, MaxNodes + 1, 0) == 0;
    }

    /// <returns>Why it failed; <see langword="null"/> on success.</returns>
    private static string? AdviseHugePages(nint address, long bytes)
    {
        // Where the setting is "never", the advice is accepted and has no effect.
        string enabled = SystemFile.Read(HugePageSetting) ?? "missing";
        return !enabled.Contains("[never]", StringComparison.Ordinal)
            && Advise(address, (nuint)bytes, MadvHugePage) == 0
            ? null
            : $"The kernel gives no transparent huge pages: {HugePageSetting} is {enabled}, and has to be madvise or always.";
    }

    /// <returns>Why it failed; <see langword="null"/> on success.</returns>
    private string? MapHugePages(nint address, long bytes)
    {
        if (HugePagesOfSystem("Hugepagesize:") != 1 << (HugePageShift - 10))
        {
            return $"The pool's pages, of {HugePagesOfSystem("Hugepagesize:")} KiB (0: the kernel has none), are not of 2 MiB.";
        }

        if (CanMapHugePages((nuint)bytes))
        {
            if (Replace(address, bytes, ProtRead | ProtWrite, MapHugeTlb))
            {
                _untrimmable.Add(address, bytes);
                return null;
            }

            // Another process was quicker. A kernel before 6.12 has taken the old mapping away by then. Where the
            // mapping is still there, this call is refused.
            TryReserveAt(address, bytes);
        }

        long free = HugePagesOfSystem("HugePages_Free:") - HugePagesOfSystem("HugePages_Rsvd:");
        return string.Create(
            CultureInfo.InvariantCulture,
            $"The pool refused {bytes >> HugePageShift} huge pages; {free} are free, of {HugePagesOfSystem("HugePages_Total:")}. " +
            $"Raise /proc/sys/vm/nr_hugepages, or the hugetlb limit of the control group.");
    }

    /// <summary>
    /// Maps huge pages elsewhere for a moment. They are touched too, because a control group's limit shows only then.
    /// An ordinary access would meet that limit as a signal that ends the process.
    /// </summary>
    private static bool CanMapHugePages(nuint bytes)
    {
        nint trial = Map(0, bytes, ProtRead | ProtWrite, MapPrivate | s_mapAnonymous | MapHugeTlb, -1, 0);
        if (trial == -1)
        {
            return false;
        }

        // EINVAL: a kernel before 5.14, which cannot tell
        bool can = Advise(trial, bytes, MadvPopulateWrite) == 0 || Marshal.GetLastPInvokeError() == InvalidArgument;
        Cut(trial, (nint)bytes);
        return can;
    }

    /// <summary>A number of <c>/proc/meminfo</c>, in its unit; 0 when the line is missing.</summary>
    private static long HugePagesOfSystem(string key)
    {
        string number =
            SystemFile.Line(SystemFile.Read("/proc/meminfo"), key)?.Replace("kB", "", StringComparison.Ordinal) ?? "";
        return long.TryParse(number, NumberStyles.Integer, CultureInfo.InvariantCulture, out long value) ? value : 0;
    }

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static unsafe partial nint SystemCall(
        nint number, nint address, nuint length, nint policy, ulong* nodes, nuint bits, nint flags);
}
