using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace SlabGen.Memory;

/// <summary>
/// Linux and macOS: <c>mmap</c> without access to reserve, <c>mprotect</c> to commit, a fresh mapping or <c>madvise</c>
/// to give back.
/// </summary>
/// <remarks>The macOS side follows the headers and the kernel's sources; no test of it has run on a Mac.</remarks>
[SupportedOSPlatform("linux")]
[SupportedOSPlatform("macos")]
internal sealed partial class MmapMemory : IOsMemory
{
    private const int ProtNone = 0, ProtRead = 1, ProtWrite = 2;
    private const int MapPrivate = 0x02, MapFixed = 0x10;
    private const int MadvDontNeed = 4, MadvDontNeedLocked = 24;

    // The flags that the two systems number differently.
    private static readonly int s_mapAnonymous = OperatingSystem.IsMacOS() ? 0x1000 : 0x20;
    private static readonly int s_mapNoReserve = OperatingSystem.IsMacOS() ? 0x40 : 0x4000;
    private static readonly int s_mapFixedNoReplace = OperatingSystem.IsMacOS() ? 0 : 0x100000;

    // Committed ranges that Trim has to leave alone, until Decommit or Unmap: pages of the pool of huge pages
    // (Linux), locked ones (macOS).
    private readonly AddressRanges _untrimmable = new();

    public string Name => "mmap";

    // Half of what 48-bit addresses leave to user space. With 32 bits, what a fragmented space may still have.
    public long MaxReservation => Environment.Is64BitProcess ? 1L << 46 : 1L << 30;

    public nint Reserve(long bytes, long alignment)
    {
        // mmap aligns only to a page. So reserve the slack as well, then cut off what lies before and behind.
        long slack = alignment > Page.Size ? alignment : 0;
        if (bytes > nint.MaxValue - slack)
        {
            return 0;
        }

        nint start = Map(0, (nuint)(bytes + slack), ProtNone, MapPrivate | s_mapAnonymous | s_mapNoReserve, -1, 0);
        if (start == -1)
        {
            return 0;
        }

        nint aligned = (nint)Page.RoundUp(start, alignment);
        Cut(start, aligned - start);
        Cut(aligned + (nint)bytes, start + (nint)slack - aligned);
        return aligned;
    }

    public bool Commit(nint address, long bytes) => Protect(address, (nuint)bytes, ProtRead | ProtWrite) == 0;

    // A fresh mapping on top of the old one drops the memory, the access and the commit charge in one call. The system
    // refuses it when it would split a mapping and the process has as many as it may (Linux: vm.max_map_count). It also
    // refuses for part of a huge page.
    public bool Decommit(nint address, long bytes)
    {
        if (!Replace(address, bytes, ProtNone, s_mapNoReserve))
        {
            return false;
        }

        _untrimmable.Remove(address, bytes);
        return true;
    }

    public bool Trim(nint address, long bytes)
    {
        // MADV_DONTNEED reports success for part of a page of the pool, and does nothing (since 6.1) or takes all of it
        // (before); of a whole one it gives up the claim to have it back (before 6.9), and a later touch may be fatal.
        if (_untrimmable.Overlaps(address, bytes))
        {
            return false;
        }

        if (OperatingSystem.IsMacOS())
        {
            // On macOS MADV_DONTNEED is a hint that keeps the contents, and MADV_FREE drops them at some later time.
            // The kernel swaps the mappings under its lock, and puts the old one back if the new one fails.
            return Replace(address, bytes, ProtRead | ProtWrite, 0);
        }

        // Only locked memory refuses. Linux 5.18 has separate advice for it: a page that is touched again is locked
        // again.
        return Advise(address, (nuint)bytes, MadvDontNeed) == 0
            || Advise(address, (nuint)bytes, MadvDontNeedLocked) == 0;
    }

    public void Unmap(nint address, long bytes)
    {
        Cut(address, (nint)bytes);
        _untrimmable.Remove(address, bytes);
    }

    public long ReservationGranularity => Page.Size;

    public bool TryReserveAt(nint address, long bytes)
    {
        // Without the flag (macOS, Linux before 4.17) the address is a hint, and the range may lie elsewhere.
        int flags = MapPrivate | s_mapAnonymous | s_mapNoReserve | s_mapFixedNoReplace;
        nint start = Map(address, (nuint)bytes, ProtNone, flags, -1, 0);
        if (start != -1 && start != address)
        {
            Cut(start, (nint)bytes);
        }

        return start == address;
    }

    private static bool Replace(nint address, long bytes, int protection, int flags) =>
        Map(address, (nuint)bytes, protection, MapPrivate | s_mapAnonymous | MapFixed | flags, -1, 0) == address;

    private static void Cut(nint address, nint bytes)
    {
        if (bytes > 0 && Unmap(address, (nuint)bytes) != 0)
        {
            ThrowNotUnmapped(address, bytes);
        }
    }

    [DoesNotReturn]
    private static void ThrowNotUnmapped(nint address, nint bytes) =>
        throw new Win32Exception(Marshal.GetLastPInvokeError(), $"munmap failed for {bytes} bytes at 0x{address:x}");

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static partial nint Map(nint address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "munmap", SetLastError = true)]
    private static partial int Unmap(nint address, nuint length);

    [LibraryImport("libc", EntryPoint = "mprotect", SetLastError = true)]
    private static partial int Protect(nint address, nuint length, int protection);

    [LibraryImport("libc", EntryPoint = "madvise", SetLastError = true)]
    private static partial int Advise(nint address, nuint length, int advice);
}
