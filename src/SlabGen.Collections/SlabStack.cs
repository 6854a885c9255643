using System.Runtime.CompilerServices;
using SlabGen.Collections.Chains;

namespace SlabGen.Collections;

/// <summary>
/// A stack of unmanaged items in native memory: a chain of segments. It grows by a segment, so no item is copied, and
/// gives segments back as it shrinks, but one, so that a length that goes to and fro takes and gives nothing.
/// </summary>
/// <remarks>
/// As <see cref="Stack{T}"/>, but: it must be disposed of; <see cref="Peek"/> gives a reference; and where memory is
/// short, <see cref="TryPush"/> says so. <see cref="SlabCollection"/> says what holds for all collections.
/// </remarks>
/// <typeparam name="T">The items.</typeparam>
public sealed unsafe partial class SlabStack<T> : SlabCollection, IReadOnlyCollection<T>
    where T : unmanaged
{
    private const int FirstBytes = 128;

    private StackSegment* _segment; // the topmost one; null without items
    private StackSegment* _spare; // an empty one, or null
    private T* _start, _top, _end; // of _segment: its first slot, the first empty one, and its end
    private int _below; // items in the segments below

    /// <summary>Makes an empty stack, which has no memory yet.</summary>
    /// <param name="memory">Where it lives; by default the <see cref="SlabRuntime.Kmalloc"/> of
    /// <see cref="SlabRuntime.Default"/>.</param>
    /// <param name="ownsMemory">Whether <paramref name="memory"/>, a private instance, is this stack's alone: it ends
    /// with it.</param>
    public SlabStack(Kmalloc? memory = null, bool ownsMemory = false)
        : base(memory, ownsMemory)
    {
    }

    /// <summary>Items.</summary>
    public int Count => _below + (int)(_top - _start);

    /// <summary>Puts an item on top.</summary>
    /// <param name="item">The item.</param>
    /// <exception cref="OutOfMemoryException">There is no memory for it.</exception>
    public void Push(T item)
    {
        if (!TryPush(item))
        {
            throw Short((nuint)NextBytes());
        }
    }

    /// <summary>Puts an item on top, unless memory is short: then the stack is as it was.</summary>
    /// <param name="item">The item.</param>
    /// <returns>Whether it was put there.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryPush(T item)
    {
        if (_isChecked || _top == _end)
        {
            return TryPushSlow(item);
        }

        *_top++ = item;
        Version++;
        return true;
    }

    /// <summary>Takes the item on top.</summary>
    /// <exception cref="InvalidOperationException">The stack is empty.</exception>
    public T Pop() => TryPop(out T item) ? item : throw Nothing();

    /// <summary>Takes the item on top, if there is one.</summary>
    /// <param name="item">The item, or the default.</param>
    /// <returns>Whether there was one.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryPop(out T item)
    {
        if (_isChecked || _top - _start <= 1)
        {
            return TryPopSlow(out item);
        }

        item = *--_top;
        Version++;
        return true;
    }

    /// <summary>A reference to the item on top, valid until it is taken.</summary>
    /// <exception cref="InvalidOperationException">The stack is empty.</exception>
    public ref T Peek()
    {
        CheckRead();
        if (_segment == null)
        {
            throw Nothing();
        }

        return ref _top[-1];
    }

    /// <summary>The item on top, if there is one.</summary>
    /// <param name="item">The item, or the default.</param>
    /// <returns>Whether there is one.</returns>
    public bool TryPeek(out T item)
    {
        CheckRead();
        item = _segment == null ? default : _top[-1];
        return _segment != null;
    }

    private static T* Start(StackSegment* segment) => (T*)(segment + 1);

    private static T* End(StackSegment* segment) => Start(segment) + Room(segment);

    private static int Room(StackSegment* segment) => (int)((segment->Bytes - sizeof(StackSegment)) / sizeof(T));

    private long NextBytes() => SegmentSizes.Next(
        _segment == null ? 0 : _segment->Bytes, FirstBytes, sizeof(StackSegment), sizeof(T));

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TryPushSlow(T item)
    {
        EnterWrite();
        try
        {
            if (_top == _end && !TryGrow())
            {
                return false;
            }

            *_top++ = item;
            Version++;
            return true;
        }
        finally
        {
            ExitWrite();
        }
    }

    private bool TryGrow()
    {
        StackSegment* segment = _spare;
        _spare = null;
        if (segment == null)
        {
            long bytes = NextBytes();
            if (!TryAlloc((nuint)bytes, out byte* block))
            {
                return false;
            }

            segment = (StackSegment*)block;
            segment->Bytes = bytes;
        }

        segment->Below = _segment;
        _below += (int)(_top - _start);
        _segment = segment;
        _start = _top = Start(segment);
        _end = End(segment);
        return true;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TryPopSlow(out T item)
    {
        EnterWrite();
        try
        {
            if (_segment == null)
            {
                item = default;
                return false;
            }

            item = *--_top;
            Version++;
            if (_top == _start)
            {
                DropSegment();
            }

            return true;
        }
        finally
        {
            ExitWrite();
        }
    }

    /// <summary>The topmost segment is empty, and the next spare one. The one below is full.</summary>
    private void DropSegment()
    {
        FreeSpare();
        _spare = _segment;
        _segment = _segment->Below;
        if (_segment == null)
        {
            _start = _top = _end = null;
            return;
        }

        _start = Start(_segment);
        _top = _end = End(_segment);
        _below -= Room(_segment);
    }

    private InvalidOperationException Nothing()
    {
        ThrowIfDisposed();
        return new InvalidOperationException("The stack is empty.");
    }
}
