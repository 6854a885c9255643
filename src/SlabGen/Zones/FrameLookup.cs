using System.Runtime.CompilerServices;
using SlabGen.Memory;

namespace SlabGen.Zones;

/// <summary>The fields that <see cref="Zone.TryGetFrame"/> needs, in one place, for look-ups on a fast path.</summary>
internal readonly struct FrameLookup
{
    private readonly nint _start;
    private readonly unsafe PageFrame* _memMap;
    private readonly Zone _zone;

    public unsafe FrameLookup(Zone zone)
    {
        _start = zone.Start;
        _memMap = zone.MemMap;
        _zone = zone;
    }

    /// <inheritdoc cref="Zone.TryGetFrame"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public unsafe bool TryGet(nint address, out PageFrame* frame)
    {
        nuint page = (nuint)(address - _start) >> Page.Shift;
        frame = &_memMap[page];
        return page < _zone.ReachablePages;
    }
}
