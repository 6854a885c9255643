using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace SlabGen.Memory;

/// <summary>
/// The backing for systems without one of their own: arrays on the garbage collector's pinned object heap. They never
/// move. They hold no references, so a collection passes over them. But their memory goes back only as a whole, on
/// <see cref="Unmap"/>.
/// </summary>
internal sealed class PortableMemory : IOsMemory
{
    private readonly ConcurrentDictionary<nint, byte[]> _arrays = new();

    public string Name => "pinned object heap";

    // An array is committed when it is made, so a window as large as a share of the machine's memory would be too
    // large.
    public long MaxReservation => 1L << 30;

    public nint Reserve(long bytes, long alignment)
    {
        if (bytes + alignment > Array.MaxLength)
        {
            return 0;
        }

        byte[] array;
        try
        {
            array = GC.AllocateArray<byte>((int)(bytes + alignment), pinned: true);
        }
        catch (OutOfMemoryException)
        {
            return 0; // the interface's answer to "no such range"; the caller reports it
        }

        nint start = (nint)Page.RoundUp(Marshal.UnsafeAddrOfPinnedArrayElement(array, 0), alignment);
        _arrays[start] = array;
        return start;
    }

    public bool Commit(nint address, long bytes) => true;

    public bool Decommit(nint address, long bytes) => false;

    public bool Trim(nint address, long bytes) => false;

    public void Unmap(nint address, long bytes) => _arrays.TryRemove(address, out _);

    public long ReservationGranularity => Page.Size;

    public bool TryReserveAt(nint address, long bytes) => false;

    public bool TryLock(nint address, long bytes, [NotNullWhen(false)] out string? refusal)
    {
        refusal = "Arrays of the garbage collector cannot be locked: that takes a backing for this operating system.";
        return false;
    }

    public bool TryUseHugePages(nint address, long bytes, HugePages huge, [NotNullWhen(false)] out string? refusal)
    {
        refusal = huge == HugePages.None ? null : "Arrays of the garbage collector cannot be moved to huge pages.";
        return refusal is null;
    }

    public bool MakesHugePages(bool asked) => false;

    public bool TryAvoidHugePages(nint address, long bytes) => true;

    public bool TryBindToNode(nint address, long bytes, int node) => false;
}
