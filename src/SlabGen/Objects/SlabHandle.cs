using System.Diagnostics;
using System.Runtime.CompilerServices;
using SlabGen.Slabs;

namespace SlabGen;

/// <summary>
/// A reference to an object that finds out when the object is gone: 8 bytes, an index into a table and the generation of the entry there
/// (a generational index, or weak reference). It comes from <see cref="SlabHandles{T}"/>.
/// </summary>
/// <remarks>
/// <para>Guaranteed: once the object was freed by a handle, or its cache destroyed, no handle to it is found live again,
/// whatever its memory and its table entry serve by then. An entry is given out 2,147,483,647 times at most, and then retired.
/// The default handle never refers to anything.</para>
/// <para>Not guaranteed, as with any pointer: what a thread reads through <see cref="Value"/> while another frees the object. To
/// destroy a cache no thread may be reading any handle of it.</para>
/// </remarks>
/// <typeparam name="T">The type of the object.</typeparam>
[DebuggerDisplay("{DebuggerDisplay,nq}")]
public readonly struct SlabHandle<T> : IEquatable<SlabHandle<T>>
    where T : unmanaged
{
    private readonly uint _index, _generation;

    internal SlabHandle(uint index, uint generation)
    {
        _index = index;
        _generation = generation;
    }

    /// <summary>Whether the object is there.</summary>
    public bool IsLive => HandlePages.TryGet(_index, _generation, out _);

    /// <summary>The object itself.</summary>
    /// <exception cref="SlabException">The object is gone (<see cref="SlabFault.StaleHandle"/>).</exception>
    public unsafe ref T Value
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            if (!HandlePages.TryGet(_index, _generation, out nint address))
            {
                ThrowStale();
            }

            return ref *(T*)address;
        }
    }

    internal uint Index => _index;

    internal uint Generation => _generation;

    private string DebuggerDisplay => TryGet(out SlabPtr<T> pointer) ? $"{this} {pointer.Value}" : $"{this} stale";

    /// <summary>Finds the object.</summary>
    /// <param name="pointer">Where it lies, or the null pointer.</param>
    /// <returns><see langword="false"/> when the object is gone.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryGet(out SlabPtr<T> pointer)
    {
        bool found = HandlePages.TryGet(_index, _generation, out nint address);
        pointer = new SlabPtr<T>(found ? address : 0);
        return found;
    }

    /// <summary>Whether two handles are the same.</summary>
    public static bool operator ==(SlabHandle<T> left, SlabHandle<T> right) => left.Equals(right);

    /// <summary>Whether two handles are not the same.</summary>
    public static bool operator !=(SlabHandle<T> left, SlabHandle<T> right) => !left.Equals(right);

    /// <inheritdoc/>
    public bool Equals(SlabHandle<T> other) => _index == other._index && _generation == other._generation;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is SlabHandle<T> other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_index, _generation);

    /// <summary>The index and the generation.</summary>
    public override string ToString() => $"{_index}:{_generation}";

    private void ThrowStale() => Throw.StaleHandle(typeof(T).Name, _index, _generation, "refers to no object: it was freed, or its cache was destroyed");
}
