using System.Runtime.CompilerServices;
using SlabGen.Caches;

namespace SlabGen.References;

/// <summary>What a debugger shows for a pointer or a handle: the object if it is live, and where it lies.</summary>
/// <remarks>
/// It asks the frames, bitmaps and magazines of all runtimes of this process whether the object is live, and reads only
/// what they call live. So it can show a pointer that dangles into unmapped memory. It can also show a pointer to the
/// stack or to memory of another allocator, but not what is there. It reads them under their locks. If the debugger has
/// stopped a thread that holds one, it gives up the view after a while.
/// </remarks>
/// <typeparam name="T">The type of the object.</typeparam>
internal sealed class ObjectDebugView<T>
    where T : unmanaged
{
    private const int MostCopied = 64 << 10; // bytes; the copy lies on the stack of the debugged thread

    public ObjectDebugView(SlabPtr<T> pointer) => (Value, Place) = Look(pointer.Address);

    public ObjectDebugView(SlabPtr32<T> pointer) => (Value, Place) = Look(pointer.Address);

    public ObjectDebugView(SlabHandle<T> handle) =>
        (Value, Place) = Look(handle.TryGet(out SlabPtr<T> pointer) ? pointer.Address : 0);

    /// <summary>Whether the object, or the block of pages, is in use.</summary>
    public bool IsLive => IsLiveAt(Place);

    /// <summary>A copy of the object; null when it is not live, or larger than 64 KiB.</summary>
    public object? Value { get; }

    /// <summary>What the address is. For a stale handle, what null is.</summary>
    public AddressInfo Place { get; }

    /// <summary>The cache of the object, if the address lies in a cache.</summary>
    public KmemCache? Cache => Place.Cache;

    /// <summary>One line: the object, or why it cannot be shown.</summary>
    public static string Line(nint address)
    {
        (object? value, AddressInfo place) = Look(address);
        return value is not null ? $"0x{address:x} {value}" : place.ToString();
    }

    private static unsafe (object? Value, AddressInfo Place) Look(nint address)
    {
        AddressInfo place = RuntimeList.Describe(address);

        // A page of high memory that is not mapped cannot be read.
        bool readable = IsLiveAt(place) && place.Offset >= 0 && place.Offset + sizeof(T) <= place.Size
            && (place.Kind is AddressKind.LiveObject or AddressKind.GuardedObject
                || place.Zone is null or { IsMapped: true });
        return (readable && sizeof(T) <= MostCopied ? Copy(address) : null, place);
    }

    // In a method of its own, because the frames of the other methods must not have room for a large object.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static unsafe object Copy(nint address) => *(T*)address;

    private static bool IsLiveAt(AddressInfo place) =>
        place.Kind is AddressKind.LiveObject or AddressKind.GuardedObject or AddressKind.PageBlock;
}
