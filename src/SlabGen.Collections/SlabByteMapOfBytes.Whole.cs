using SlabGen.Collections.Hashing;

namespace SlabGen.Collections;

// The map as a whole.
public sealed unsafe partial class SlabByteMap
{
    /// <summary>Begins a walk over the entries, in no order that means anything.</summary>
    public Enumerator GetEnumerator() => new(this);

    /// <summary>An entry of the map.</summary>
    public readonly ref struct Entry
    {
        internal Entry(ByteBlock* block)
        {
            Key = ByteBlock.KeyOf(block);
            Value = new Span<byte>(ByteBlock.ValueOf(block), block->ValueLength);
        }

        /// <summary>The key.</summary>
        public ReadOnlySpan<byte> Key { get; }

        /// <summary>The value, which may be written.</summary>
        public Span<byte> Value { get; }
    }

    /// <summary>Goes over the entries of a map.</summary>
    public struct Enumerator
    {
        private Walk _walk;

        internal Enumerator(SlabByteMap map)
        {
            _walk = new Walk(map);
        }

        /// <summary>The entry.</summary>
        public readonly Entry Current => new(_walk.Current);

        /// <summary>Goes to the next entry.</summary>
        /// <returns>Whether there is one.</returns>
        /// <exception cref="InvalidOperationException">The map was changed.</exception>
        public bool MoveNext() => _walk.MoveNext();
    }
}
