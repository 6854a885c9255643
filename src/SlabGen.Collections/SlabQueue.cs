using System.Runtime.CompilerServices;
using SlabGen.Collections.Chains;

namespace SlabGen.Collections;

/// <summary>
/// A queue of unmanaged items in native memory: a chain of rings. It grows by a ring, so no item is copied, and gives a
/// ring back when it was emptied. One thread may put items in while another takes them out, without a lock
/// (<c>kfifo</c>).
/// </summary>
/// <remarks>
/// <para>As <see cref="Queue{T}"/>, but: it must be disposed of; and where memory is short, <see cref="TryEnqueue"/>
/// says so. <see cref="SlabCollection"/> says what holds for all collections.</para>
/// <para>A queue made with <c>concurrent</c> has two sides. The producer's are <see cref="Enqueue"/> and
/// <see cref="TryEnqueue"/>; the consumer's are all others, enumeration included; <see cref="Count"/> is for both. One
/// thread at a time may be on each side. Disposal is for a thread that is alone with the queue.</para>
/// <para>The protocol. The producer owns the last ring's <c>Last</c> and <c>Next</c>, the consumer the first ring's
/// <c>First</c>; each writes its own with release, and reads the other's with acquire.
/// (1) An item is written before the <c>Last</c> that shows it, and read before the <c>First</c> that gives up its
/// slot; and the producer fills a slot only after it has read a <c>First</c> beyond it. So no slot is read and written
/// at once. A copy that is old shows the ring fuller to the producer, and emptier to the consumer, than it is. (2) When
/// a ring is full the producer links a new one, which it filled before, and never again touches the old one. So a
/// consumer that reads a <c>Next</c>, and after that a <c>Last</c>, has the ring's final <c>Last</c>: if the ring is
/// then empty, it is empty for good, and the consumer frees it. It must read them in this order: of a <c>Last</c> read
/// before the <c>Next</c> items may be missing. (3) <c>Head</c> is the producer's while it is null, and then the
/// consumer's. Nothing waits and nothing is tried twice: each call of either side ends in some steps, whatever the
/// other does.</para>
/// </remarks>
/// <typeparam name="T">The items.</typeparam>
public sealed unsafe partial class SlabQueue<T> : SlabCollection, IReadOnlyCollection<T>
    where T : unmanaged
{
    private const int FirstBytes = 256;

    private QueueEnds _ends;

    /// <summary>Makes an empty queue, which has no memory yet.</summary>
    /// <param name="memory">Where it lives; by default the <see cref="SlabRuntime.Kmalloc"/> of
    /// <see cref="SlabRuntime.Default"/>.</param>
    /// <param name="concurrent">Whether one thread may put items in while another takes them out.</param>
    /// <param name="ownsMemory">Whether <paramref name="memory"/>, a private instance, is this queue's alone: it ends
    /// with it.</param>
    public SlabQueue(Kmalloc? memory = null, bool concurrent = false, bool ownsMemory = false)
        : base(memory, ownsMemory)
    {
        IsConcurrent = concurrent;
    }

    /// <summary>Whether one thread may put items in while another takes them out.</summary>
    public bool IsConcurrent { get; }

    /// <summary>Items. While the other side works it may be some more than there are now.</summary>
    public int Count
    {
        get
        {
            long taken = Volatile.Read(ref _ends.Taken); // first: what was taken later was put in by then
            return (int)(Volatile.Read(ref _ends.Put) - taken);
        }
    }

    /// <summary>Puts an item in at the end.</summary>
    /// <param name="item">The item.</param>
    /// <exception cref="OutOfMemoryException">There is no memory for it.</exception>
    public void Enqueue(T item)
    {
        if (!TryEnqueue(item))
        {
            throw Short((nuint)NextBytes(Tail));
        }
    }

    /// <summary>Puts an item in at the end, unless memory is short: then the queue is as it was.</summary>
    /// <param name="item">The item.</param>
    /// <returns>Whether it was put in.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryEnqueue(T item)
    {
        QueueSegment* tail = Tail;
        if (_isChecked || tail == null)
        {
            return TryEnqueueChecked(item);
        }

        int last = tail->Last, behind = last + 1 == tail->RoomToo ? 0 : last + 1;
        if (behind == tail->FirstSeen)
        {
            return TryEnqueueFull(item);
        }

        Put(tail, last, behind, item);
        return true;
    }

    /// <summary>Takes the first item out.</summary>
    /// <exception cref="InvalidOperationException">The queue is empty.</exception>
    public T Dequeue() => TryDequeue(out T item) ? item : throw Nothing();

    /// <summary>Takes the first item out, if there is one.</summary>
    /// <param name="item">The item, or the default.</param>
    /// <returns>Whether there was one.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryDequeue(out T item)
    {
        QueueSegment* head = Head;
        if (_isChecked || head == null || head->First == head->LastSeen)
        {
            return TryDequeueSlow(out item);
        }

        item = Take(head);
        return true;
    }

    /// <summary>The first item.</summary>
    /// <exception cref="InvalidOperationException">The queue is empty.</exception>
    public T Peek() => TryPeek(out T item) ? item : throw Nothing();

    /// <summary>The first item, if there is one.</summary>
    /// <param name="item">The item, or the default.</param>
    /// <returns>Whether there is one.</returns>
    public bool TryPeek(out T item)
    {
        EnterConsumer();
        try
        {
            bool any = TryFindFirst(out QueueSegment* head);
            item = any ? Items(head)[head->First] : default;
            return any;
        }
        finally
        {
            ExitConsumer();
        }
    }

    private QueueSegment* Tail => (QueueSegment*)_ends.Tail;

    private QueueSegment* Head => (QueueSegment*)Volatile.Read(ref _ends.Head);

    private static T* Items(QueueSegment* segment) => (T*)((byte*)segment + QueueSegment.Bytes);

    private static long NextBytes(QueueSegment* before) => SegmentSizes.Next(
        before == null ? 0 : before->AllBytes, FirstBytes, QueueSegment.Bytes, sizeof(T));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Put(QueueSegment* tail, int last, int behind, T item)
    {
        Items(tail)[last] = item;
        _ends.Put++; // before the consumer can take the item, or the count would be below 0
        Volatile.Write(ref tail->Last, behind);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private T Take(QueueSegment* head)
    {
        int first = head->First;
        T item = Items(head)[first];
        Volatile.Write(ref head->First, first + 1 == head->Room ? 0 : first + 1);
        Volatile.Write(ref _ends.Taken, _ends.Taken + 1);
        return item;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TryEnqueueChecked(T item)
    {
        EnterWrite();
        try
        {
            return TryEnqueueFull(item);
        }
        finally
        {
            ExitWrite();
        }
    }

    /// <summary>Looks where the consumer is now; takes another ring if this one is full.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TryEnqueueFull(T item)
    {
        QueueSegment* tail = Tail;
        if (tail != null)
        {
            int last = tail->Last, behind = last + 1 == tail->RoomToo ? 0 : last + 1;
            tail->FirstSeen = Volatile.Read(ref tail->First);
            if (behind != tail->FirstSeen)
            {
                Put(tail, last, behind, item);
                return true;
            }
        }

        long bytes = NextBytes(tail);
        if (!TryAlloc((nuint)bytes, out byte* block))
        {
            return false;
        }

        var made = (QueueSegment*)block;
        int room = (int)((bytes - QueueSegment.Bytes) / sizeof(T));
        *made = new QueueSegment { Room = room, RoomToo = room, AllBytes = bytes, Last = 1 };
        *Items(made) = item;
        _ends.Tail = (nint)made;
        _ends.Put++;
        Volatile.Write(ref tail == null ? ref _ends.Head : ref tail->Next, (nint)made);
        return true;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TryDequeueSlow(out T item)
    {
        EnterConsumer();
        try
        {
            bool any = TryFindFirst(out QueueSegment* head);
            item = any ? Take(head) : default;
            return any;
        }
        finally
        {
            ExitConsumer();
        }
    }

    /// <summary>The ring that the first item is in. Frees those before it, which are empty for good.</summary>
    private bool TryFindFirst(out QueueSegment* head)
    {
        head = Head;
        while (head != null)
        {
            // In this order: of a Last that was read before the Next, items may be missing.
            nint next = Volatile.Read(ref head->Next);
            head->LastSeen = Volatile.Read(ref head->Last);
            if (head->First != head->LastSeen)
            {
                return true;
            }

            if (next == 0)
            {
                return false;
            }

            _ends.Head = next;
            Version++;
            Free((byte*)head, (nuint)head->AllBytes);
            head = (QueueSegment*)next;
        }

        return false;
    }

    private InvalidOperationException Nothing()
    {
        ThrowIfDisposed();
        return new InvalidOperationException("The queue is empty.");
    }
}
