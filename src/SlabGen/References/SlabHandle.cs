using System.Diagnostics;
using System.Runtime.CompilerServices;
using SlabGen.Metadata;
using SlabGen.References;
using SlabGen.Slabs;

namespace SlabGen;

/// <summary>
/// A reference to an object that finds out when the object is gone (a generational index, or weak reference). It has 16
/// bytes: the object's address, an index into a table, and the generation of the entry there. It comes from
/// <see cref="SlabHandles{T}"/>.
/// </summary>
/// <remarks>
/// <para>Guaranteed: once the object was freed by a handle, or its cache destroyed, no handle to it is ever found live
/// again, whatever its memory and its table entry are used for then. An entry is given out at most 2,147,483,647 times,
/// and then retired. The default handle never refers to anything.</para>
/// <para>For a field of a struct that the object may lead back to, use the <c>OrderHandle</c> that the generator writes
/// instead; see <see cref="SlabPtr{T}"/>.</para>
/// <para>Not guaranteed, as with any pointer: what a thread reads through <see cref="Value"/> while another thread
/// frees the object. While a cache is destroyed, no thread may be reading an object of it. A variable that threads read
/// and write without a lock can be torn, like any struct of this size. A mixture of two handles is found stale, except
/// for a chance of one in 4 billion.</para>
/// </remarks>
/// <example><code><![CDATA[
/// SlabHandle<Order> order = OrderCache.AllocHandle();  // [SlabCache(Handles = true)]
/// order.Value = new Order { Id = 7 };
/// SlabHandle<Order> copy = order;
/// OrderCache.Free(order);
/// Console.WriteLine(copy.TryGet(out SlabPtr<Order> found) ? $"order {found.Value.Id}" : "gone");
/// ]]></code></example>
/// <typeparam name="T">The type of the object.</typeparam>
[DebuggerDisplay("{DebuggerDisplay,nq}")]
[DebuggerTypeProxy(typeof(ObjectDebugView<>))]
public readonly struct SlabHandle<T> : IEquatable<SlabHandle<T>>
    where T : unmanaged
{
    // The index of the entry, and above it a check: the generation with the address mixed in, so that a torn handle
    // does not fit. Index and check are one word, of which a 64-bit process never reads half. In the default handle
    // everything is zero, and entry 0 never has generation 0.
    private readonly nint _address;
    private readonly ulong _entry;

    internal SlabHandle(nint address, uint index, uint generation)
    {
        _address = address;
        _entry = ((ulong)(generation + Mix(address)) << 32) | index;
    }

    /// <summary>Whether the object still exists.</summary>
    public bool IsLive => Has(_entry, _address);

    /// <summary>The object itself.</summary>
    /// <exception cref="SlabException">The object is gone (<see cref="SlabFault.StaleHandle"/>).</exception>
    public unsafe ref T Value
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            // Load the address first, into a register. It does not wait for the generation.
            T* address = (T*)_address;
            if (!Has(_entry, (nint)address))
            {
                ThrowStale(this); // a copy, because a call on this one would keep it out of registers
            }

            return ref *address;
        }
    }

    internal nint Address => _address;

    internal uint Index => (uint)_entry;

    internal uint Generation => (uint)(_entry >> 32) - Mix(_address);

    private string DebuggerDisplay =>
        TryGet(out SlabPtr<T> pointer) ? $"{this} at {ObjectDebugView<T>.Line(pointer.Address)}" : this == default ? "default" : $"{this} stale";

    /// <summary>Finds the object.</summary>
    /// <param name="pointer">The object, or the null pointer.</param>
    /// <returns><see langword="false"/> when the object is gone.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryGet(out SlabPtr<T> pointer)
    {
        nint address = _address; // read once, because the variable may change meanwhile
        bool found = Has(_entry, address);
        pointer = new SlabPtr<T>(found ? address : 0);
        return found;
    }

    /// <summary>Whether two handles are the same.</summary>
    public static bool operator ==(SlabHandle<T> left, SlabHandle<T> right) => left.Equals(right);

    /// <summary>Whether two handles are not the same.</summary>
    public static bool operator !=(SlabHandle<T> left, SlabHandle<T> right) => !left.Equals(right);

    /// <inheritdoc/>
    public bool Equals(SlabHandle<T> other) => _address == other._address && _entry == other._entry;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is SlabHandle<T> other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => _entry.GetHashCode();

    /// <summary>The index and the generation.</summary>
    public override string ToString() => $"{Index}:{Generation}";

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool Has(ulong entry, nint address) =>
        HandleGenerations.Has((uint)entry, (uint)(entry >> 32) - Mix(address));

    // Fibonacci hashing of all bits. Addresses that are near each other, or alike in their low half, give values that
    // lie far apart; generations do not.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Mix(nint address) => (uint)(((ulong)address * 0x9E3779B97F4A7C15) >> 32);

    private static void ThrowStale(SlabHandle<T> handle) =>
        Throw.StaleHandle(typeof(T).Name, handle.Index, handle.Generation, "refers to no object: it was freed, or its cache was destroyed");
}
