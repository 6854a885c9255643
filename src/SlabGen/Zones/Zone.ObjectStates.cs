using SlabGen.Memory;

namespace SlabGen;

// The map that checked mode has of a zone: a byte for each eight bytes, in a range of its own.
public sealed partial class Zone
{
    /// <summary>The logarithm of the bytes that one byte of the map stands for: the least alignment.</summary>
    internal const int ObjectStateShift = 3;

    private static int ObjectStatesInPage => Page.Size >> ObjectStateShift;

    /// <summary>
    /// The map; null until a cache in checked mode needs it. It can be read as far as <see cref="ReachablePages"/>, and
    /// is zero where there is no slab of such a cache. A slab's part is its cache's.
    /// </summary>
    internal unsafe byte* ObjectStates => (byte*)Volatile.Read(ref _objectStates);

    /// <summary>Makes the map, if it is not there.</summary>
    /// <returns><see langword="false"/> when the system refuses the addresses or the memory.</returns>
    internal bool TryMakeObjectStates()
    {
        if (Volatile.Read(ref _objectStates) != 0)
        {
            return true;
        }

        using (_lock.Hold())
        {
            return !_isUnmapped && (_objectStates != 0 || TryMakeObjectStatesLocked());
        }
    }

    private bool TryMakeObjectStatesLocked()
    {
        long bytes = (long)_sections.Length * SectionPages * ObjectStatesInPage;
        nint map = _memory.ReserveApart(bytes, Page.Size);
        if (map == 0)
        {
            return false;
        }

        _memory.TryAvoidHugePages(map, bytes); // where that is refused it costs more, no more
        if (!TryCommit(map, ObjectStatesInPage, 0, _reachablePages, Page.Size))
        {
            _memory.UnmapApart(map, bytes, Page.Size);
            return false;
        }

        Volatile.Write(ref _objectStates, map);
        CountCommitted();
        return true;
    }
}
