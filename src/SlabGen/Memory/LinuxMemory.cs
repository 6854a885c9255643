using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace SlabGen.Memory;

/// <summary>Linux: <c>mmap</c> without access to reserve, <c>mprotect</c> to commit, <c>madvise</c> to give back.</summary>
[SupportedOSPlatform("linux")]
internal sealed partial class LinuxMemory : IOsMemory
{
    private const int ProtNone = 0, ProtRead = 1, ProtWrite = 2;
    private const int MapPrivate = 0x02, MapFixed = 0x10, MapAnonymous = 0x20, MapNoReserve = 0x4000;
    private const int MadvDontNeed = 4;

    public string Name => "mmap";

    public long MaxReservation => 1L << 46; // half of what 48-bit addresses leave to user space

    public nint Reserve(long bytes, long alignment)
    {
        // mmap aligns to a page only: reserve the slack as well, then cut off what lies before and behind.
        long slack = alignment > Page.Size ? alignment : 0;
        nint start = Map(0, (nuint)(bytes + slack), ProtNone, MapPrivate | MapAnonymous | MapNoReserve, -1, 0);
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

    public bool Decommit(nint address, long bytes)
    {
        // A fresh mapping on top of the old one drops the memory, the access and the commit charge in one call. It is
        // refused when it would split a mapping and the process has as many as it may (vm.max_map_count).
        return Map(address, (nuint)bytes, ProtNone, MapPrivate | MapAnonymous | MapNoReserve | MapFixed, -1, 0) == address;
    }

    public bool Discard(nint address, long bytes)
    {
        if (Advise(address, (nuint)bytes, MadvDontNeed) != 0)
        {
            // Only locked memory refuses; the contents are still there.
            return false;
        }

        return true;
    }

    public void Release(nint address, long bytes) => Cut(address, (nint)bytes);

    private static void Cut(nint address, nint bytes)
    {
        if (bytes > 0 && Unmap(address, (nuint)bytes) != 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError(), $"munmap failed for {bytes} bytes at 0x{address:x}");
        }
    }

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static partial nint Map(nint address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "munmap", SetLastError = true)]
    private static partial int Unmap(nint address, nuint length);

    [LibraryImport("libc", EntryPoint = "mprotect", SetLastError = true)]
    private static partial int Protect(nint address, nuint length, int protection);

    [LibraryImport("libc", EntryPoint = "madvise", SetLastError = true)]
    private static partial int Advise(nint address, nuint length, int advice);
}
