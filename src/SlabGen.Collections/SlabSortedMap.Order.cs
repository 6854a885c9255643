using System.Collections;
using SlabGen.Collections.Sorted;

namespace SlabGen.Collections;

// What the order of the keys is for: the ends, the nearest, and ranges.
public sealed unsafe partial class SlabSortedMap<TKey, TValue>
{
    /// <summary>The entry with the lowest key, if there is one.</summary>
    /// <param name="key">Its key, or the default.</param>
    /// <param name="value">Its value, or the default.</param>
    public bool TryGetFirst(out TKey key, out TValue value)
    {
        CheckRead();
        return Get(new Place(_tree.First, 0), out key, out value);
    }

    /// <summary>The entry with the highest key, if there is one.</summary>
    /// <param name="key">Its key, or the default.</param>
    /// <param name="value">Its value, or the default.</param>
    public bool TryGetLast(out TKey key, out TValue value)
    {
        CheckRead();
        return Get(Before(default), out key, out value);
    }

    /// <summary>The entry with the highest key that is not above this one, if there is one.</summary>
    /// <param name="key">The key.</param>
    /// <param name="floor">The key that was found, or the default.</param>
    /// <param name="value">Its value, or the default.</param>
    public bool TryGetFloor(TKey key, out TKey floor, out TValue value)
    {
        CheckRead();
        return Get(Before(_tree.PlaceOf(key, behind: true)), out floor, out value);
    }

    /// <summary>The entry with the lowest key that is not below this one, if there is one.</summary>
    /// <param name="key">The key.</param>
    /// <param name="ceiling">The key that was found, or the default.</param>
    /// <param name="value">Its value, or the default.</param>
    public bool TryGetCeiling(TKey key, out TKey ceiling, out TValue value)
    {
        CheckRead();
        return Get(_tree.PlaceOf(key, behind: false), out ceiling, out value);
    }

    /// <summary>All entries from the highest key down.</summary>
    public Range Reverse() => new Range(this).Reverse();

    /// <summary>The entries from a key up to another, both included.</summary>
    /// <param name="from">The lowest key.</param>
    /// <param name="to">The highest key.</param>
    /// <exception cref="ArgumentException"><paramref name="from"/> is above <paramref name="to"/>.</exception>
    public Range Between(TKey from, TKey to) => _tree.Order.Less(to, from)
        ? throw new ArgumentException($"The range begins at '{from}', above its end at '{to}'.", nameof(from))
        : new Range(this) { HasFrom = true, Low = from, HasTo = true, High = to };

    /// <summary>The entries from a key on, it included.</summary>
    /// <param name="key">The lowest key.</param>
    public Range From(TKey key) => new(this) { HasFrom = true, Low = key };

    /// <summary>The entries up to a key, it included.</summary>
    /// <param name="key">The highest key.</param>
    public Range UpTo(TKey key) => new(this) { HasTo = true, High = key };

    /// <inheritdoc cref="IEnumerable{T}.GetEnumerator"/>
    public Enumerator GetEnumerator() => new Range(this).GetEnumerator();

    IEnumerator<KeyValuePair<TKey, TValue>> IEnumerable<KeyValuePair<TKey, TValue>>.GetEnumerator() => GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private static bool Get(Place place, out TKey key, out TValue value)
    {
        if (place.Leaf == null)
        {
            (key, value) = (default, default);
            return false;
        }

        key = NodeShape<TKey, TValue>.LeafKeys(place.Leaf)[place.Index];
        value = NodeShape<TKey, TValue>.Values(place.Leaf)[place.Index];
        return true;
    }

    private Place Before(Place place) => _tree.TryGoBack(ref place) ? place : default;
}
