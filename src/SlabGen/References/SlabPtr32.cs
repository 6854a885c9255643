using System.Diagnostics;
using System.Runtime.CompilerServices;
using SlabGen.References;

namespace SlabGen;

/// <summary>
/// The address of an object below 4 GiB, in 4 bytes. Structs that refer to one another store it in place of a
/// <see cref="SlabPtr{T}"/>, to which it converts. As with any pointer, nothing prevents its use after the object was
/// freed.
/// </summary>
/// <remarks>
/// Use it for objects of a cache whose zone is <see cref="ZoneKind.Dma32"/> or <see cref="ZoneKind.Dma"/>, and whose
/// fallback is <see cref="ZoneFallback.Strict"/>. With <see cref="ZoneFallback.Preferred"/> some objects lie elsewhere
/// once the zone is short. Structs that refer to each other in a ring store <c>OrderPtr32</c> in its place, which the
/// generator writes. The CLR cannot load such rings of generic structs.
/// </remarks>
/// <typeparam name="T">The type of the object.</typeparam>
[DebuggerDisplay("{DebuggerDisplay,nq}")]
[DebuggerTypeProxy(typeof(ObjectDebugView<>))]
public readonly struct SlabPtr32<T> : IEquatable<SlabPtr32<T>>, IComparable<SlabPtr32<T>>
    where T : unmanaged
{
    private readonly uint _address;

    internal SlabPtr32(uint address) => _address = address;

    /// <summary>The address, below 4 GiB; 0 for the null pointer.</summary>
    public nint Address => (nint)_address;

    /// <summary>Whether this is the null pointer.</summary>
    public bool IsNull => _address == 0;

    /// <inheritdoc cref="SlabPtr{T}.Value"/>
    public unsafe ref T Value
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ref *(T*)_address;
    }

    private string DebuggerDisplay => ObjectDebugView<T>.Line(Address);

    /// <summary>Makes a pointer of 4 bytes.</summary>
    /// <param name="pointer">The pointer to convert, which may be null.</param>
    /// <exception cref="OverflowException">The address is 4 GiB or more.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static explicit operator SlabPtr32<T>(SlabPtr<T> pointer)
    {
        if ((nuint)pointer.Address > uint.MaxValue)
        {
            ThrowTooHigh(pointer);
        }

        return new SlabPtr32<T>((uint)pointer.Address);
    }

    /// <summary>The same address in 8 bytes.</summary>
    /// <param name="pointer">The pointer to convert.</param>
    public static implicit operator SlabPtr<T>(SlabPtr32<T> pointer) => new(pointer.Address);

    /// <summary>Whether two pointers are the same address.</summary>
    public static bool operator ==(SlabPtr32<T> left, SlabPtr32<T> right) => left._address == right._address;

    /// <summary>Whether two pointers are different addresses.</summary>
    public static bool operator !=(SlabPtr32<T> left, SlabPtr32<T> right) => left._address != right._address;

    /// <summary>Whether the first pointer is the lower address.</summary>
    public static bool operator <(SlabPtr32<T> left, SlabPtr32<T> right) => left._address < right._address;

    /// <summary>Whether the first pointer is the higher address.</summary>
    public static bool operator >(SlabPtr32<T> left, SlabPtr32<T> right) => left._address > right._address;

    /// <summary>Whether the first pointer is the lower address or the same.</summary>
    public static bool operator <=(SlabPtr32<T> left, SlabPtr32<T> right) => left._address <= right._address;

    /// <summary>Whether the first pointer is the higher address or the same.</summary>
    public static bool operator >=(SlabPtr32<T> left, SlabPtr32<T> right) => left._address >= right._address;

    /// <summary>Compares the addresses. The null pointer comes first.</summary>
    public int CompareTo(SlabPtr32<T> other) => _address.CompareTo(other._address);

    /// <inheritdoc/>
    public bool Equals(SlabPtr32<T> other) => _address == other._address;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is SlabPtr32<T> other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => _address.GetHashCode();

    /// <summary>The address in hexadecimal digits.</summary>
    public override string ToString() => $"0x{_address:x}";

    private static void ThrowTooHigh(SlabPtr<T> pointer) => throw new OverflowException(
        $"{pointer} is not below 4 GiB (0x100000000), where a SlabPtr32<{typeof(T).Name}> can refer to: its objects must be of a cache with Zone = Dma32 and Fallback = Strict.");
}

/// <summary>Makes pointers of 4 bytes.</summary>
public static class SlabPtr32
{
    /// <summary>Tries to make a pointer of 4 bytes.</summary>
    /// <typeparam name="T">The type of the object.</typeparam>
    /// <param name="pointer">The pointer to convert, which may be null.</param>
    /// <param name="result">The same address, or the null pointer.</param>
    /// <returns><see langword="false"/> when the address is 4 GiB or more.</returns>
    public static bool TryFrom<T>(SlabPtr<T> pointer, out SlabPtr32<T> result)
        where T : unmanaged
    {
        bool fits = (nuint)pointer.Address <= uint.MaxValue;
        result = fits ? new SlabPtr32<T>((uint)pointer.Address) : default;
        return fits;
    }
}
