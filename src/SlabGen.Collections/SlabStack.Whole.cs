using System.Collections;
using SlabGen.Collections.Chains;

namespace SlabGen.Collections;

// The stack as a whole.
public sealed unsafe partial class SlabStack<T>
{
    /// <summary>Gives the empty segment back.</summary>
    public void TrimExcess()
    {
        EnterWrite();
        try
        {
            FreeSpare();
        }
        finally
        {
            ExitWrite();
        }
    }

    /// <summary>Enumerates the items from the top down.</summary>
    public Enumerator GetEnumerator() => new(this);

    IEnumerator<T> IEnumerable<T>.GetEnumerator() => GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private protected override void FreeAll()
    {
        FreeSpare();
        for (StackSegment* segment = _segment; segment != null;)
        {
            StackSegment* below = segment->Below;
            Free((byte*)segment, (nuint)segment->Bytes);
            segment = below;
        }

        Forget();
    }

    private protected override void Forget()
    {
        _segment = _spare = null;
        _start = _top = _end = null;
        _below = 0;
        Version++;
    }

    private void FreeSpare()
    {
        if (_spare != null)
        {
            Free((byte*)_spare, (nuint)_spare->Bytes);
            _spare = null;
        }
    }

    /// <summary>Enumerates the items from the top down.</summary>
    public struct Enumerator : IEnumerator<T>
    {
        private readonly SlabStack<T> _stack;
        private readonly int _version;
        private StackSegment* _segment;
        private T* _next; // behind the next item

        internal Enumerator(SlabStack<T> stack)
        {
            _stack = stack;
            _version = stack.Version;
            Reset();
        }

        /// <summary>A copy of the item.</summary>
        public T Current { get; private set; }

        readonly object IEnumerator.Current => Current;

        /// <summary>Goes to the next item.</summary>
        /// <returns>Whether there is one.</returns>
        /// <exception cref="InvalidOperationException">Items were put in or taken.</exception>
        public bool MoveNext()
        {
            _stack.CheckVersion(_version);
            if (_segment == null)
            {
                Current = default;
                return false;
            }

            Current = *--_next;
            if (_next == Start(_segment))
            {
                _segment = _segment->Below;
                _next = _segment == null ? null : End(_segment);
            }

            return true;
        }

        /// <summary>Goes back before the first item.</summary>
        /// <exception cref="InvalidOperationException">Items were put in or taken.</exception>
        public void Reset()
        {
            _stack.CheckVersion(_version);
            _segment = _stack._segment;
            _next = _stack._top;
            Current = default;
        }

        /// <summary>Does nothing.</summary>
        public readonly void Dispose()
        {
        }
    }
}
