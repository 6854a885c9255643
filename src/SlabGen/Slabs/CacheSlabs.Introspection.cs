using SlabGen.Events;
using SlabGen.Memory;
using SlabGen.Zones;

namespace SlabGen.Slabs;

// What a snapshot says about the slabs. The counters are written under the list lock, where slabs are made and
// magazines refilled.
internal sealed partial class CacheSlabs
{
    /// <summary>Whether the slabs count as reclaimable memory.</summary>
    public bool IsReclaimable => _options.Reclaimable;

    /// <summary>Counts the slabs at one moment.</summary>
    public SlabCounts Count()
    {
        using (_listLock.Hold())
        {
            int partial = _lists[IsolatedList].Count;
            for (int list = EmptyList + 1; list < FullList; list++)
            {
                partial += _lists[list].Count;
            }

            return new SlabCounts
            {
                Full = _lists[FullList].Count,
                Partial = partial,
                Empty = _lists[EmptyList].Count,
                NextColor = _nextColor,
                InUse = InUse,
                Capacity = Capacity,
                Guarded = Guards?.Live ?? 0,
                Bytes = SlabBytes,
                MetadataBytes = (long)_slabCount * _descriptors.ChunkSize,
                PeakInUse = _peakInUse,
                PeakBytes = _peakSlabBytes,
                MadeBytes = _madeSlabBytes,
                Made = _madeSlabs,
                Taken = _taken,
                Refills = _refills,
                Flushes = _flushes,
                HollowBytes = HollowPages << Page.Shift,
                ZoneFallbacks = _zoneFallbacks,
                OrderFallbacks = _orderFallbacks,
                Failed = _failedSlabs,
                Refused = _refusedSlabs,
            };
        }
    }

    /// <summary>Lists the first objects in use, up to the length of <paramref name="addresses"/>.</summary>
    /// <param name="addresses">Receives them.</param>
    /// <param name="except">Objects to leave out: those that are free in a magazine.</param>
    /// <param name="inUse">The number of all objects in use, at the same moment.</param>
    /// <returns>The number of addresses written.</returns>
    public unsafe int ListInUse(Span<nint> addresses, HashSet<nint> except, out long inUse)
    {
        int found = 0;
        using (_listLock.Hold())
        {
            inUse = InUse - except.Count - (_movingTo != 0 ? 1 : 0);
            found = Guards?.ListLive(addresses) ?? 0;
            for (int list = IsolatedList; list > EmptyList; list--)
            {
                for (Slab* slab = _lists[list].First; slab != null; slab = slab->Next)
                {
                    for (int i = 0; i < slab->Objects; i++)
                    {
                        nint address = slab->Memory + ((nint)i * Layout.Size);
                        if (Slab.IsFree(slab, i) || address == _movingTo || except.Contains(address))
                        {
                            continue;
                        }

                        if (found == addresses.Length)
                        {
                            return found;
                        }

                        addresses[found++] = address;
                    }
                }
            }
        }

        return found;
    }

    /// <summary>Finds where in a slab of this cache an address lies.</summary>
    /// <returns><see langword="false"/> when it lies in no slab.</returns>
    public unsafe bool TryFind(nint address, out SlabPlace place)
    {
        place = default;
        using (_listLock.Hold())
        {
            if (!Pages.TryGetFrame(address, out Zone? zone, out PageFrame* frame)
                || Volatile.Read(ref frame->Private) != CacheId)
            {
                return false;
            }

            place = PlaceOf((Slab*)frame->Mapping, zone, frame, address);
            return true;
        }
    }

    /// <summary>
    /// Notes an event for those who listen. The next call that is slow tells it, when it holds no lock any more.
    /// </summary>
    public void Note(SlabEventKind kind, long first, long second = 0, string text = "")
    {
        if (SlabEvents.IsOn)
        {
            SlabEvents.Note(new SlabEvent(kind, Pages.RuntimeName, Name, first, second, text));
            Pages.HearOfMemory();
        }
    }

    private unsafe SlabPlace PlaceOf(Slab* slab, Zone zone, PageFrame* frame, nint address)
    {
        long offset = address - slab->Memory;
        int index = offset < 0 ? -1 : Math.Min(Layout.IndexOf((uint)offset), slab->Objects);
        return new SlabPlace
        {
            Start = zone.Address(zone.IndexOf(frame) & ~((1u << slab->Order) - 1)),
            Memory = slab->Memory,
            IsDetached = slab->List == DetachedSlabs.List,
            Index = index,
            Objects = slab->Objects,
            IsFree = index >= 0 && index < slab->Objects && Slab.IsFree(slab, index),
        };
    }

    /// <summary>Counts a new slab whose zone or order is not the one asked for.</summary>
    private void CountFallbacks(ZoneKind zone, bool asExpected)
    {
        _zoneFallbacks += zone == _options.Zone ? 0 : 1;
        _orderFallbacks += asExpected ? 0 : 1;
    }
}
