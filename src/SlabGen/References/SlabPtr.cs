using System.Diagnostics;
using System.Runtime.CompilerServices;
using SlabGen.References;

namespace SlabGen;

/// <summary>
/// The address of an object in a slab: a <c>T*</c> that can be used without <c>unsafe</c>. As with any pointer, nothing
/// prevents its use after the object was freed.
/// </summary>
/// <remarks>
/// For a field of a struct that the object may lead back to, use <c>OrderPtr</c>, the pointer that the generator writes
/// beside the class. This one converts to it. The CLR cannot load structs that refer to each other in a ring through
/// generic ones.
/// </remarks>
/// <example><code><![CDATA[
/// SlabPtr<Order> order = OrderCache.Alloc();
/// order.Value = new Order { Id = 7, Quantity = 3 };  // the whole object: a new one holds old data
/// ref Order same = ref order.Value;                  // a reference, no copy
/// same.Quantity--;
/// OrderCache.Free(order);                            // neither may be used from here on
/// ]]></code></example>
/// <typeparam name="T">The type of the object.</typeparam>
[DebuggerDisplay("{DebuggerDisplay,nq}")]
[DebuggerTypeProxy(typeof(ObjectDebugView<>))]
public readonly struct SlabPtr<T> : IEquatable<SlabPtr<T>>
    where T : unmanaged
{
    /// <summary>Wraps an address.</summary>
    /// <param name="address">The address of a <typeparamref name="T"/>, or 0 for the null pointer.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public SlabPtr(nint address) => Address = address;

    /// <summary>The address; 0 for the null pointer.</summary>
    public nint Address { get; }

    /// <summary>Whether this is the null pointer.</summary>
    public bool IsNull => Address == 0;

    /// <summary>The object itself.</summary>
    /// <remarks>Using the reference of the null pointer throws <see cref="NullReferenceException"/>.</remarks>
    public unsafe ref T Value
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ref *(T*)Address;
    }

    private string DebuggerDisplay => ObjectDebugView<T>.Line(Address);

    /// <summary>The address as a plain pointer.</summary>
    /// <param name="pointer">The pointer to convert.</param>
    public static unsafe implicit operator T*(SlabPtr<T> pointer) => (T*)pointer.Address;

    /// <summary>A plain pointer as an address.</summary>
    /// <param name="pointer">The pointer to convert.</param>
    public static unsafe implicit operator SlabPtr<T>(T* pointer) => new((nint)pointer);

    /// <summary>Whether two pointers are the same address.</summary>
    public static bool operator ==(SlabPtr<T> left, SlabPtr<T> right) => left.Address == right.Address;

    /// <summary>Whether two pointers are different addresses.</summary>
    public static bool operator !=(SlabPtr<T> left, SlabPtr<T> right) => left.Address != right.Address;

    /// <summary>The object as a span of one element, until it is freed. The null pointer gives an empty span.</summary>
    public unsafe Span<T> AsSpan() => new((void*)Address, IsNull ? 0 : 1);

    /// <summary>
    /// The bytes of the object, until it is freed: <c>sizeof(T)</c>, padding included. The null pointer gives an empty
    /// span.
    /// </summary>
    public unsafe Span<byte> AsBytes() => new((void*)Address, IsNull ? 0 : sizeof(T));

    /// <inheritdoc/>
    public bool Equals(SlabPtr<T> other) => Address == other.Address;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is SlabPtr<T> other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => Address.GetHashCode();

    /// <summary>The address in hexadecimal digits.</summary>
    public override string ToString() => $"0x{Address:x}";
}
