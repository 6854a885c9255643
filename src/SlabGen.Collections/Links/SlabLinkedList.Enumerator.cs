namespace SlabGen.Collections;

// A walk from the first to the last.
public partial struct SlabLinkedList<T, TLink>
{
    /// <summary>Begins a walk, in which the current object may be taken out and freed.</summary>
    public readonly Enumerator GetEnumerator() => new(_first);

    /// <summary>Counts the objects, by a walk over them.</summary>
    public readonly long Count()
    {
        long count = 0;
        for (nint item = _first; item != 0; item = LinkAt(item).Next)
        {
            count++;
        }

        return count;
    }

    /// <summary>
    /// Goes over the objects (<c>list_for_each_entry_safe</c>). It knows the next one before it gives the current one
    /// out: that may be taken out of the list, and nothing else.
    /// </summary>
    public struct Enumerator
    {
        private nint _previous, _current, _next;

        internal Enumerator(nint first)
        {
            (_previous, _current, _next) = (0, 0, first);
        }

        /// <summary>The object.</summary>
        public readonly SlabPtr<T> Current => new(_current);

        /// <summary>Goes to the next object.</summary>
        /// <returns>Whether there is one.</returns>
        /// <exception cref="InvalidOperationException">What is next was taken out, or moved.</exception>
        public bool MoveNext()
        {
            if (_next == 0)
            {
                _current = 0;
                return false;
            }

            ref SlabLink link = ref LinkAt(_next);
            bool isRemoved = link.Previous == _previous;
            if (!isRemoved && link.Previous != _current)
            {
                throw new InvalidOperationException($"{Name} was changed while it was enumerated.");
            }

            _previous = isRemoved ? _previous : _current;
            (_current, _next) = (_next, link.Next);
            return true;
        }
    }
}
