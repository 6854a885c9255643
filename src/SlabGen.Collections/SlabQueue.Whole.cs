using System.Collections;
using SlabGen.Collections.Chains;

namespace SlabGen.Collections;

// The queue as a whole: the consumer's.
public sealed unsafe partial class SlabQueue<T>
{
    /// <summary>
    /// Takes everything out, and gives the memory back; of a concurrent queue the last ring stays.
    /// </summary>
    public override void Clear()
    {
        EnterConsumer();
        try
        {
            if (!IsConcurrent)
            {
                Empty();
                return;
            }

            while (TryFindFirst(out QueueSegment* head))
            {
                int taken = head->LastSeen - head->First;
                _ends.Taken += taken < 0 ? taken + head->Room : taken;
                Volatile.Write(ref head->First, head->LastSeen);
            }
        }
        finally
        {
            ExitConsumer();
        }
    }

    /// <summary>
    /// Gives back the ring that an empty queue keeps. A concurrent queue keeps it: it may be in use.
    /// </summary>
    public void TrimExcess()
    {
        EnterConsumer();
        try
        {
            if (!TryFindFirst(out _) && !IsConcurrent)
            {
                FreeAll();
            }
        }
        finally
        {
            ExitConsumer();
        }
    }

    /// <inheritdoc cref="IEnumerable{T}.GetEnumerator"/>
    public Enumerator GetEnumerator() => new(this);

    IEnumerator<T> IEnumerable<T>.GetEnumerator() => GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private protected override void FreeAll()
    {
        for (QueueSegment* ring = Head; ring != null;)
        {
            var next = (QueueSegment*)ring->Next;
            Free((byte*)ring, (nuint)ring->AllBytes);
            ring = next;
        }

        Forget();
    }

    private protected override void Forget()
    {
        (_ends.Tail, _ends.Head) = (0, 0);
        _ends.Taken = _ends.Put; // neither ever falls, so no state comes twice
        Version++;
    }

    /// <summary>Another one after each change that an enumeration may not survive.</summary>
    private int State => (int)(Version + _ends.Taken + (IsConcurrent ? 0 : _ends.Put));

    private void CheckState(int state)
    {
        CheckConsumer();
        if (state != State)
        {
            ThrowChanged();
        }
    }

    private void CheckConsumer()
    {
        if (IsConcurrent)
        {
            CheckSecond();
        }
        else
        {
            CheckRead();
        }
    }

    private void EnterConsumer()
    {
        if (IsConcurrent)
        {
            EnterSecond();
        }
        else
        {
            EnterWrite();
        }
    }

    private void ExitConsumer()
    {
        if (IsConcurrent)
        {
            ExitSecond();
        }
        else
        {
            ExitWrite();
        }
    }

    /// <summary>Enumerates the items from the first one.</summary>
    public struct Enumerator : IEnumerator<T>
    {
        private readonly SlabQueue<T> _queue;
        private readonly int _state;
        private QueueSegment* _ring;
        private int _index;

        internal Enumerator(SlabQueue<T> queue)
        {
            queue.CheckConsumer();
            _queue = queue;
            _state = queue.State;
            Reset();
        }

        /// <summary>A copy of the item.</summary>
        public T Current { get; private set; }

        readonly object IEnumerator.Current => Current;

        /// <summary>Goes to the next item.</summary>
        /// <returns>Whether there is one.</returns>
        /// <exception cref="InvalidOperationException">Items were taken out, or put in. Of a concurrent queue, what is
        /// put in meanwhile is enumerated too.</exception>
        public bool MoveNext()
        {
            _queue.CheckState(_state);
            while (_ring != null)
            {
                nint next = Volatile.Read(ref _ring->Next); // before the Last, as ever
                if (_index != Volatile.Read(ref _ring->Last))
                {
                    Current = Items(_ring)[_index];
                    _index = _index + 1 == _ring->Room ? 0 : _index + 1;
                    return true;
                }

                if (next == 0)
                {
                    break;
                }

                _ring = (QueueSegment*)next;
                _index = 0;
            }

            Current = default;
            return false;
        }

        /// <summary>Goes back before the first item.</summary>
        /// <exception cref="InvalidOperationException">Items were taken out, or put in.</exception>
        public void Reset()
        {
            _queue.CheckState(_state);
            _ring = _queue.Head;
            _index = _ring == null ? 0 : _ring->First;
            Current = default;
        }

        /// <summary>Does nothing.</summary>
        public readonly void Dispose()
        {
        }
    }
}
