namespace SlabGen.Collections;

// Walks, what checked mode finds, and the evictions where memory is short.
public sealed partial class SlabLru<T, TItem>
{
    /// <summary>Begins a walk from the most to the least recently used.</summary>
    public Enumerator GetEnumerator()
    {
        Exit(Enter());
        return new Enumerator(this);
    }

    /// <summary>Before the list is used; <see cref="Exit"/> must follow with what this returns.</summary>
    private int Enter()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (!_isChecked)
        {
            return 0;
        }

        int thread = Environment.CurrentManagedThreadId;
        if (_options.Lock is { } @lock)
        {
            return @lock.IsHeldByCurrentThread ? 0 : throw new InvalidOperationException(
                $"{GetType().Name} ('{_options.Name}'): thread {thread} uses the list without its lock.");
        }

        // The callback may use the list again.
        int user = Interlocked.CompareExchange(ref _user, thread, 0);
        return user == 0 || user == thread ? user : throw new InvalidOperationException(
            $"{GetType().Name} ('{_options.Name}'): thread {thread} uses the list while thread {user} does.");
    }

    private void Exit(int outer)
    {
        if (_isChecked && _options.Lock is null)
        {
            Volatile.Write(ref _user, outer);
        }
    }

    /// <summary>Looks at so many objects, the oldest first, and evicts those that are not marked.</summary>
    private long Shrink(long objects)
    {
        long evicted = 0;
        for (long looked = 0; looked < objects && !_list.IsEmpty; looked++)
        {
            evicted += TryEvictLast(default, spares: true) ? 1 : 0;
        }

        return evicted;
    }

    /// <summary>Goes over the objects of a list.</summary>
    public struct Enumerator
    {
        private readonly SlabLru<T, TItem> _lru;
        private readonly int _version;
        private SlabLinkedList<T, TItem>.Enumerator _items;

        internal Enumerator(SlabLru<T, TItem> lru)
        {
            (_lru, _version, _items) = (lru, lru._version, lru._list.GetEnumerator());
        }

        /// <summary>The object.</summary>
        public readonly SlabPtr<T> Current => _items.Current;

        /// <summary>Goes to the next object.</summary>
        /// <returns>Whether there is one.</returns>
        /// <exception cref="InvalidOperationException">The list was changed.</exception>
        public bool MoveNext()
        {
            _lru.Exit(_lru.Enter());
            if (_version != _lru._version)
            {
                throw new InvalidOperationException($"{_lru.GetType().Name} was changed while it was enumerated.");
            }

            return _items.MoveNext();
        }
    }

    /// <summary>
    /// Evicts when memory is short. It is called on any thread, also on one that is inside the owner's code: then it
    /// does nothing, and whoever is refused there evicts by itself.
    /// </summary>
    private sealed class EvictionShrinker(SlabLru<T, TItem> lru, Lock @lock)
        : Shrinker(lru._options.Name, lru._options.Seeks)
    {
        protected override long CountObjects(in ShrinkControl control) => lru.Count;

        protected override long ScanObjects(ref ShrinkControl control)
        {
            if (@lock.IsHeldByCurrentThread || !@lock.TryEnter())
            {
                return Stop;
            }

            try
            {
                return lru._isDisposed ? Stop : lru.Shrink(control.ToScan);
            }
            finally
            {
                @lock.Exit();
            }
        }
    }
}
