using SlabGen.Caches;
using SlabGen.Guards;
using SlabGen.Slabs;
using SlabGen.Zones;

namespace SlabGen;

/// <summary>
/// What an address is, at one moment (the kernel's <c>kmem_dump_obj</c>, mdb's <c>::whatis</c>). It is found from page
/// frames, bitmaps and magazines. The memory at the address is not touched.
/// </summary>
public sealed record AddressInfo
{
    /// <summary>The address that was asked about.</summary>
    public nint Address { get; internal init; }

    /// <summary>What it is.</summary>
    public AddressKind Kind { get; internal init; }

    /// <summary>
    /// The first byte of the object. If the address is in no object, the first byte of the block, the slab or the page;
    /// 0 if it is in none of these.
    /// </summary>
    public nint Start { get; internal init; }

    /// <summary>The size in bytes of what begins at <see cref="Start"/>; for an object, the size of its slot.</summary>
    public long Size { get; internal init; }

    /// <summary>Bytes from <see cref="Start"/> to the address.</summary>
    public long Offset => Kind is AddressKind.Null or AddressKind.Foreign ? 0 : Address - Start;

    /// <summary>The zone of the page, if it has one.</summary>
    public Zone? Zone { get; internal init; }

    /// <summary>The cache whose slab contains the address, if one does.</summary>
    public KmemCache? Cache { get; internal init; }

    /// <summary>The first byte of the slab's pages; 0 where there is no slab.</summary>
    public nint Slab { get; internal init; }

    /// <summary>The index of the object in its slab; -1 where there is no object.</summary>
    public int ObjectIndex { get; internal init; } = -1;

    /// <summary>
    /// The thread whose magazine has the object (<see cref="Thread.ManagedThreadId"/>), for
    /// <see cref="AddressKind.ObjectOfThread"/>; otherwise 0.
    /// </summary>
    public int ThreadId { get; internal init; }

    /// <summary>One line for people.</summary>
    public override string ToString() => $"0x{Address:x}: " + Kind switch
    {
        AddressKind.Null => "the null pointer",
        AddressKind.Foreign => "not in the memory of this runtime",
        AddressKind.FreePage => $"in a free block of {Size} bytes at 0x{Start:x}, {Zone}",
        AddressKind.PageBlock => $"offset {Offset} in a block of {Size} bytes at 0x{Start:x}, {Zone?.ToString() ?? "mapped alone"}",
        AddressKind.Metadata => $"in a page of the runtime's metadata at 0x{Start:x}, {Zone}",
        AddressKind.SlabColor => $"before the first object{InSlab}",
        AddressKind.SlabTail => $"behind the last object{InSlab}",
        AddressKind.DetachedSlab => $"{InSlab[2..]}, which is being constructed or on its way out",
        _ when Slab == 0 => $"offset {Offset} in a guarded object of {Size} bytes at 0x{Start:x}, cache '{Cache!.Name}': {State}",
        _ => $"offset {Offset} in object {ObjectIndex} of {Size} bytes at 0x{Start:x}{InSlab}: {State}",
    };

    private string InSlab => $", cache '{Cache!.Name}', slab at 0x{Slab:x}, {Zone}";

    private string State => Kind switch
    {
        AddressKind.LiveObject or AddressKind.GuardedObject => "live",
        AddressKind.FreeGuardedObject => "free",
        AddressKind.FreeObject => "free in its slab",
        AddressKind.DeferredObject => "freed, until a grace period has passed",
        AddressKind.QuarantinedObject => "free, in the quarantine",
        AddressKind.ObjectOfThread => $"free in a magazine of thread {ThreadId}",
        _ => "free in the depot",
    };

    /// <summary>Looks an address up.</summary>
    internal static AddressInfo Of(nint address, PageAllocator pages, CacheTable table)
    {
        if (address == 0)
        {
            return new AddressInfo { Address = 0, Kind = AddressKind.Null };
        }

        if (GuardPool.Find(address) is { } guarded && table.Find(guarded.CacheId) is { } guarding
            && guarding.Guards(guarded))
        {
            return new AddressInfo { Address = address, Start = guarded.Start, Size = guarded.Size, Cache = guarding,
                Kind = !guarded.IsLive ? AddressKind.FreeGuardedObject
                    : guarding.KindOf(guarded.Start, out _) == AddressKind.DeferredObject ? AddressKind.DeferredObject
                    : AddressKind.GuardedObject };
        }

        if (!pages.TryFindBlock(address, out Zone? zone, out nint start, out long bytes, out PageFlags flags))
        {
            return new AddressInfo { Address = address, Kind = AddressKind.Foreign };
        }

        // The slab may be gone since: then it is what the page was of which the block was found.
        if (OwnerOf(address, pages, table) is { } cache && cache.TryFind(address, out SlabPlace place))
        {
            return InSlabOf(cache, address, zone, place, bytes);
        }

        AddressKind kind = (flags & PageFlags.Reserved) != 0 ? AddressKind.Metadata
            : (flags & (PageFlags.Head | PageFlags.Cold)) == PageFlags.Head ? AddressKind.PageBlock
            : AddressKind.FreePage;
        return new AddressInfo { Address = address, Kind = kind, Start = start, Size = bytes, Zone = zone };
    }

    private static unsafe KmemCache? OwnerOf(nint address, PageAllocator pages, CacheTable table) =>
        pages.TryGetFrame(address, out _, out PageFrame* frame) ? table.Find(Volatile.Read(ref frame->Private)) : null;

    private static AddressInfo InSlabOf(KmemCache cache, nint address, Zone? zone, SlabPlace place, long bytes)
    {
        var slab = new AddressInfo { Address = address, Kind = AddressKind.DetachedSlab, Start = place.Start,
            Size = bytes, Zone = zone, Cache = cache, Slab = place.Start };
        if (place.IsDetached)
        {
            return slab;
        }

        if (place.Index < 0 || place.Index >= place.Objects)
        {
            return slab with { Kind = place.Index < 0 ? AddressKind.SlabColor : AddressKind.SlabTail };
        }

        nint start = place.Memory + ((nint)place.Index * cache.SlotSize);
        AddressInfo found = slab with { Kind = AddressKind.LiveObject, Start = start, Size = cache.SlotSize,
            ObjectIndex = place.Index };
        return place.IsFree ? found with { Kind = AddressKind.FreeObject }
            : found with { Kind = cache.KindOf(start, out int threadId), ThreadId = threadId };
    }
}
