namespace SlabGen.Memory;

/// <summary>A list of a struct of this assembly, of few elements. Under its owner's lock.</summary>
/// <remarks>
/// The package is compiled ahead, but of code that is not its own only what the framework was compiled with:
/// <see cref="List{T}"/>, <c>Span</c>, LINQ and <c>Array.Fill</c> over a struct of ours, or over a tuple of numbers,
/// would be compiled at the first object of each process. This is our own code.
/// </remarks>
internal sealed class ValueList<T>
    where T : struct
{
    private T[]? _items;

    public int Count { get; private set; }

    public ref T this[int index] => ref _items![index];

    public void Add(T item)
    {
        if (_items is null || Count == _items.Length)
        {
            var larger = new T[Math.Max(4, Count * 2)];
            if (_items is not null)
            {
                Array.Copy(_items, larger, Count);
            }

            _items = larger;
        }

        _items[Count++] = item;
    }

    public void RemoveAt(int index)
    {
        Count--;
        Array.Copy(_items!, index + 1, _items!, index, Count - index);
    }

    public void Clear() => Count = 0;

    public T[] ToArray()
    {
        var copy = new T[Count];
        if (Count > 0)
        {
            Array.Copy(_items!, copy, Count);
        }

        return copy;
    }
}
