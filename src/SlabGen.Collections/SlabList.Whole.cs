using System.Collections;

namespace SlabGen.Collections;

// The list as a whole.
public sealed unsafe partial class SlabList<T>
{
    /// <summary>Makes room for so many items.</summary>
    /// <param name="capacity">Items.</param>
    /// <returns><see cref="Capacity"/>, which is at least as much.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="capacity"/> is negative.</exception>
    /// <exception cref="OutOfMemoryException">There is no memory for them; what there is room for is kept.</exception>
    public long EnsureCapacity(int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(capacity);
        EnterWrite();
        try
        {
            return TryMoreRoom(capacity) ? Capacity : throw Short((nuint)capacity * (nuint)sizeof(T));
        }
        finally
        {
            ExitWrite();
        }
    }

    /// <summary>Gives every empty segment back.</summary>
    public void TrimExcess()
    {
        EnterWrite();
        try
        {
            GiveBack(keep: 0);
        }
        finally
        {
            ExitWrite();
        }
    }

    /// <summary>The number of the first item that is equal, or -1.</summary>
    /// <param name="item">What it is equal to.</param>
    public int IndexOf(T item)
    {
        int index = 0;
        foreach (Span<T> segment in Segments)
        {
            foreach (ref T candidate in segment)
            {
                if (EqualityComparer<T>.Default.Equals(candidate, item))
                {
                    return index;
                }

                index++;
            }
        }

        return -1;
    }

    /// <summary>Whether an equal item is in the list.</summary>
    /// <param name="item">What it is equal to.</param>
    public bool Contains(T item) => IndexOf(item) >= 0;

    /// <summary>Copies all items.</summary>
    /// <param name="destination">Receives them.</param>
    /// <exception cref="ArgumentException">It is too short.</exception>
    public void CopyTo(Span<T> destination)
    {
        if (destination.Length < _count)
        {
            throw new ArgumentException(
                $"The span has room for {destination.Length} items, and the list has {_count}.", nameof(destination));
        }

        foreach (Span<T> segment in Segments)
        {
            segment.CopyTo(destination);
            destination = destination[segment.Length..];
        }
    }

    IEnumerator<T> IEnumerable<T>.GetEnumerator() => GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
