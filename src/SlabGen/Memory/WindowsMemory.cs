using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace SlabGen.Memory;

/// <summary>Windows: <c>VirtualAlloc</c> to reserve, commit and reset, <c>VirtualFree</c> to give back.</summary>
/// <remarks>
/// <para>Committed memory counts against the system's commit limit from <see cref="Commit"/> to <see cref="Decommit"/>,
/// touched or not. <see cref="Trim"/> gives back the physical memory and keeps that charge.</para>
/// <para>Tested under Wine (<c>tests/cross/windows-under-wine.sh</c>), not on Windows itself.</para>
/// </remarks>
[SupportedOSPlatform("windows")]
internal sealed partial class WindowsMemory : IOsMemory
{
    private const uint MemCommit = 0x1000, MemReserve = 0x2000, MemDecommit = 0x4000, MemRelease = 0x8000,
    MemReset = 0x80000;
    private const uint PageNoAccess = 0x01, PageReadWrite = 0x04;
    private const ulong AddressRequirementsType = 1; // MemExtendedParameterAddressRequirements
    private const nint ThisProcess = -1;

    /// <summary>Every reservation starts at a multiple of this, on all versions and processors.</summary>
    private const long Granularity = 64 << 10;

    private readonly bool _aligns;

    // Holds until Decommit or Unmap.
    private readonly AddressRanges _locked = new();

    public WindowsMemory()
        : this(aligns: HasVirtualAlloc2())
    {
    }

    /// <param name="aligns">Whether to ask <c>VirtualAlloc2</c> for aligned ranges, as Windows 10 1803 and later
    /// can.</param>
    internal WindowsMemory(bool aligns) => _aligns = aligns;

    public string Name => "VirtualAlloc";

    // Half of a process's 128 TiB. With 32 bits, what a fragmented space may still have.
    public long MaxReservation => Environment.Is64BitProcess ? 1L << 46 : 1L << 30;

    public nint Reserve(long bytes, long alignment)
    {
        if (bytes > nint.MaxValue - alignment)
        {
            return 0;
        }

        if (alignment <= Granularity)
        {
            return Alloc(0, (nuint)bytes, MemReserve, PageNoAccess);
        }

        return _aligns ? ReserveAligned(bytes, alignment) : ReserveByTrial(bytes, alignment);
    }

    public bool Commit(nint address, long bytes) => Alloc(address, (nuint)bytes, MemCommit, PageReadWrite) != 0;

    public bool Decommit(nint address, long bytes)
    {
        if (VirtualFree(address, (nuint)bytes, MemDecommit) == 0)
        {
            return false;
        }

        _locked.Remove(address, bytes);
        return true;
    }

    public unsafe bool Trim(nint address, long bytes)
    {
        // The reset below would unlock it.
        if (_locked.Overlaps(address, bytes))
        {
            return false;
        }

        // Decommitting and committing again would take the range away from readers for a moment; and for good, if
        // another process takes the charge in between. A page that was reset reads as what was last written there or as
        // zero (MEM_RESET_UNDO documents that), so zeros are written. DiscardVirtualMemory promises neither. The first
        // reset saves reading back what lies in the paging file only to clear it.
        if (!Reset(address, bytes))
        {
            return false;
        }

        NativeMemory.Clear((void*)address, (nuint)bytes);
        if (!Reset(address, bytes))
        {
            return false;
        }

        // Unlocking memory that is not locked takes it out of the working set, and reports that it was not locked.
        _ = Unlock(address, (nuint)bytes);
        return true;
    }

    public void Unmap(nint address, long bytes)
    {
        if (VirtualFree(address, 0, MemRelease) == 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError(), $"VirtualFree could not release {bytes} bytes at 0x{address:x}");
        }

        _locked.Remove(address, bytes);
    }

    public long ReservationGranularity => Granularity;

    public bool TryReserveAt(nint address, long bytes) =>
        Alloc(address, (nuint)bytes, MemReserve, PageNoAccess) == address;

    public bool TryLock(nint address, long bytes, [NotNullWhen(false)] out string? refusal)
    {
        if (Lock(address, (nuint)bytes) != 0)
        {
            _locked.Add(address, bytes);
            refusal = null;
            return true;
        }

        string reason = Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError());
        _ = GetProcessWorkingSetSize(ThisProcess, out nuint minimum, out nuint maximum);
        refusal = $"VirtualLock refused {bytes} bytes ({reason}): the working set of the process is {minimum} to {maximum} bytes, " +
            "and somewhat less than the minimum may be locked in all. Raise it by SetProcessWorkingSetSize.";
        return false;
    }

    public bool TryUseHugePages(nint address, long bytes, HugePages huge, [NotNullWhen(false)] out string? refusal)
    {
        // Windows has only large pages that are reserved and committed at once, and that never go back in parts.
        refusal = huge == HugePages.None ? null : "Windows has no huge pages for a range that is reserved already.";
        return refusal is null;
    }

    public bool MakesHugePages(bool asked) => false;

    public bool TryAvoidHugePages(nint address, long bytes) => true;

    public bool TryBindToNode(nint address, long bytes, int node) => false;

    private static bool Reset(nint address, long bytes) => Alloc(address, (nuint)bytes, MemReset, PageNoAccess) != 0;

    private static unsafe nint ReserveAligned(long bytes, long alignment)
    {
        var requirements = new AddressRequirements { Alignment = (nuint)alignment };
        var parameter = new ExtendedParameter { Type = AddressRequirementsType, Pointer = (nuint)(&requirements) };
        return Alloc(ThisProcess, 0, (nuint)bytes, MemReserve, PageNoAccess, &parameter, 1);
    }

    /// <summary>
    /// Finds a hole that is large enough for any alignment, and takes the aligned part of it. A reservation goes back
    /// only as a whole, so the hole is open for a moment. When another thread is quicker, look for the next one.
    /// </summary>
    private nint ReserveByTrial(long bytes, long alignment)
    {
        for (int trial = 0; trial < 64; trial++)
        {
            nint hole = Alloc(0, (nuint)(bytes + alignment), MemReserve, PageNoAccess);
            if (hole == 0)
            {
                return 0;
            }

            Unmap(hole, bytes + alignment);
            nint start = Alloc((nint)Page.RoundUp(hole, alignment), (nuint)bytes, MemReserve, PageNoAccess);
            if (start != 0)
            {
                return start;
            }
        }

        return 0;
    }

    private static bool HasVirtualAlloc2() =>
        NativeLibrary.TryLoad("kernelbase.dll", out nint library)
            && NativeLibrary.TryGetExport(library, "VirtualAlloc2", out _);

    [LibraryImport("kernel32", EntryPoint = "VirtualAlloc", SetLastError = true)]
    private static partial nint Alloc(nint address, nuint bytes, uint type, uint protection);

    [LibraryImport("kernelbase", EntryPoint = "VirtualAlloc2", SetLastError = true)]
    private static unsafe partial nint Alloc(
        nint process, nint address, nuint bytes, uint type, uint protection, ExtendedParameter* parameters, uint count);

    [LibraryImport("kernel32", SetLastError = true)]
    private static partial int VirtualFree(nint address, nuint bytes, uint type);

    [LibraryImport("kernel32", EntryPoint = "VirtualLock", SetLastError = true)]
    private static partial int Lock(nint address, nuint bytes);

    [LibraryImport("kernel32")]
    private static partial int GetProcessWorkingSetSize(nint process, out nuint minimum, out nuint maximum);

    [LibraryImport("kernel32", EntryPoint = "VirtualUnlock")]
    private static partial int Unlock(nint address, nuint bytes);

    /// <summary><c>MEM_ADDRESS_REQUIREMENTS</c>; zero means no requirement.</summary>
    private struct AddressRequirements
    {
        public nint Lowest;
        public nint Highest;
        public nuint Alignment;
    }

    /// <summary><c>MEM_EXTENDED_PARAMETER</c>: 16 bytes in 32-bit processes too.</summary>
    private struct ExtendedParameter
    {
        public ulong Type;
        public ulong Pointer;
    }
}
