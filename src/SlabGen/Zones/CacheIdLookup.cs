using System.Runtime.CompilerServices;
using SlabGen.Memory;

namespace SlabGen.Zones;

/// <summary>
/// Finds by an address the cache whose slab it lies in, for look-ups on a fast path: what it needs of a zone, in one
/// place.
/// </summary>
internal readonly struct CacheIdLookup
{
    private readonly nint _start;
    private readonly unsafe ushort* _ids;
    private readonly Zone _zone;

    public unsafe CacheIdLookup(Zone zone)
    {
        _start = zone.Start;
        _ids = zone.CacheIds;
        _zone = zone;
    }

    /// <summary>The id of the cache, where threads have bins for it.</summary>
    /// <returns>
    /// 0 when the address is outside the zone, or its page is no slab's, or is that of another cache: it must be looked
    /// at more closely.
    /// </returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public unsafe uint Get(nint address)
    {
        nuint page = (nuint)(address - _start) >> Page.Shift;
        return page < _zone.ReachablePages ? Volatile.Read(ref _ids[page]) : 0u;
    }
}
