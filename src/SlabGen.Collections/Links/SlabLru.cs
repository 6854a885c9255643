using System.Runtime.CompilerServices;

namespace SlabGen.Collections;

/// <summary>
/// The objects of a cache of yours, from the most to the least recently used, with a bound (the kernel's
/// <c>list_lru</c>). It links them by a field of theirs, evicts by a call of yours, and allocates nothing.
/// </summary>
/// <remarks>
/// <para><b>Use costs a store.</b> <see cref="Use"/> marks the object, in its own cache line. An eviction looks at the
/// oldest: one that is marked loses the mark and goes to the front, up to <see cref="MostSpared"/> of them, and then
/// one goes. <see cref="MoveToFirst"/> is the exact order instead, for three lines more.</para>
/// <para><b>Eviction.</b> <see cref="Add"/> evicts what is over the bound, never the object that it adds: one that is
/// larger than <see cref="SlabLruOptions.MaxBytes"/> stays alone. The callback gets an object that is in the list no
/// more, forgets it elsewhere, and frees it. What it throws comes out of the call; the object is then the callback's.
/// The list does not own its objects: <see cref="Dispose"/> leaves them as they are.</para>
/// <para><b>Threads.</b> One at a time: who uses it holds <see cref="SlabLruOptions.Lock"/>, if there is one. The
/// shrinker, on any thread, tries that lock and does not wait for it. In checked mode a use without the lock, by a
/// second thread, or after the disposal throws.</para>
/// <para>Fields are under the lock, but <c>_count</c>, which the shrinker reads without it, and <c>_user</c>, by
/// exchange.</para>
/// </remarks>
/// <typeparam name="T">The objects' struct.</typeparam>
/// <typeparam name="TItem">Its link, its mark and its size.</typeparam>
public sealed partial class SlabLru<T, TItem> : IDisposable
    where T : unmanaged
    where TItem : struct, ISlabLruItem<T>
{
    /// <summary>Marked objects that one eviction passes: more would be a long call.</summary>
    public const int MostSpared = 16;

    private readonly Action<SlabPtr<T>> _evict;
    private readonly SlabLruOptions _options;
    private readonly EvictionShrinker? _shrinker;
    private readonly bool _isChecked;
    private SlabLinkedList<T, TItem> _list;
    private long _count;
    private int _version; // rises with each change of the order
    private int _user; // checked mode, without a lock: the thread inside a call; 0 is nobody
    private bool _isDisposed;

    /// <summary>Makes an empty list.</summary>
    /// <param name="evict">Forgets and frees an object, which is in the list no more.</param>
    /// <param name="options">The bounds; without any, only <see cref="TryEvict"/> evicts.</param>
    /// <exception cref="ArgumentOutOfRangeException">A bound is less than 1.</exception>
    public SlabLru(Action<SlabPtr<T>> evict, SlabLruOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(evict);
        _options = options ?? new SlabLruOptions();
        ThrowIfLess(_options.MaxObjects, nameof(SlabLruOptions.MaxObjects));
        ThrowIfLess(_options.MaxBytes, nameof(SlabLruOptions.MaxBytes));
        _evict = evict;
        SlabRuntime runtime = _options.Runtime ?? SlabRuntime.Default;
        _isChecked = runtime.Kmalloc.IsChecked;
        if (_options.Lock is { } @lock)
        {
            _shrinker = new EvictionShrinker(this, @lock);
            runtime.Shrinkers.Register(_shrinker);
        }
    }

    /// <summary>Objects in the list.</summary>
    public long Count => Volatile.Read(ref _count);

    /// <summary>Their bytes, by <see cref="ISlabLruItem{T}.BytesOf"/>.</summary>
    public long Bytes { get; private set; }

    /// <summary>Objects that were evicted since the list was made.</summary>
    public long Evicted { get; private set; }

    /// <summary>The most recently added or moved object, or null.</summary>
    public SlabPtr<T> First => _list.First;

    /// <summary>The object that an eviction looks at first, or null.</summary>
    public SlabPtr<T> Last => _list.Last;

    /// <summary>Adds an object as the most recently used, and evicts what is over the bound then.</summary>
    /// <param name="item">An object that is in no list of this link.</param>
    public void Add(SlabPtr<T> item)
    {
        int outer = Enter();
        try
        {
            _list.AddFirst(item);
            TItem.IsUsed(ref item.Value) = false;
            Counted(1, TItem.BytesOf(ref item.Value));
            Trim(item);
        }
        finally
        {
            Exit(outer);
        }
    }

    /// <summary>Marks an object as used.</summary>
    /// <param name="item">An object of this list.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Use(SlabPtr<T> item)
    {
        if (_isChecked)
        {
            Exit(Enter());
        }

        TItem.IsUsed(ref item.Value) = true;
    }

    /// <summary>Makes an object the most recently used, whatever is marked.</summary>
    /// <param name="item">An object of this list.</param>
    /// <exception cref="InvalidOperationException">It is not in this list.</exception>
    public void MoveToFirst(SlabPtr<T> item)
    {
        int outer = Enter();
        try
        {
            _list.MoveToFirst(item);
            _version++;
        }
        finally
        {
            Exit(outer);
        }
    }

    /// <summary>Takes an object out, without a call of the callback.</summary>
    /// <param name="item">An object of this list, whose size is what it was when it was added.</param>
    /// <exception cref="InvalidOperationException">It is not in this list.</exception>
    public void Remove(SlabPtr<T> item)
    {
        int outer = Enter();
        try
        {
            Take(item);
        }
        finally
        {
            Exit(outer);
        }
    }

    /// <summary>
    /// Says by how much the size of an object has changed, which is in the list. It evicts what is over the bound then,
    /// but not this object.
    /// </summary>
    /// <param name="item">The object.</param>
    /// <param name="bytes">By how much; negative for smaller.</param>
    public void Resized(SlabPtr<T> item, long bytes)
    {
        int outer = Enter();
        try
        {
            Counted(0, bytes);
            Trim(item);
        }
        finally
        {
            Exit(outer);
        }
    }

    /// <summary>Evicts one object, if there is one.</summary>
    /// <returns>Whether there was one.</returns>
    public bool TryEvict()
    {
        int outer = Enter();
        try
        {
            if (_list.IsEmpty)
            {
                return false;
            }

            EvictOne(default);
            return true;
        }
        finally
        {
            Exit(outer);
        }
    }

    /// <summary>
    /// Forgets all objects, whose links stay as they are: for objects that are all freed at once, by a reset of their
    /// cache.
    /// </summary>
    public void Clear()
    {
        int outer = Enter();
        Forget();
        Exit(outer);
    }

    /// <summary>
    /// Forgets all objects, and ends the evictions where memory is short. It takes the lock itself. Once more does
    /// nothing.
    /// </summary>
    public void Dispose()
    {
        _options.Lock?.Enter();
        try
        {
            if (_isDisposed)
            {
                return;
            }

            int outer = Enter();
            _isDisposed = true;
            Forget();
            Exit(outer);
        }
        finally
        {
            _options.Lock?.Exit();
        }

        if (_shrinker is not null)
        {
            (_options.Runtime ?? SlabRuntime.Default).Shrinkers.Unregister(_shrinker);
        }
    }

    private static void ThrowIfLess(long bound, string name)
    {
        if (bound < 1)
        {
            throw new ArgumentOutOfRangeException(name, bound, $"SlabLru: {name} must be at least 1.");
        }
    }

    private void Trim(SlabPtr<T> kept)
    {
        while ((_count > _options.MaxObjects || Bytes > _options.MaxBytes) && _count > 1)
        {
            EvictOne(kept);
        }
    }

    /// <summary>Evicts the oldest that is not marked, nor the one to keep; there is another one than that.</summary>
    private void EvictOne(SlabPtr<T> kept)
    {
        for (int spared = 0; !TryEvictLast(kept, spared < MostSpared); spared++)
        {
        }
    }

    /// <returns>Whether the last one was evicted; otherwise it was spared, and is the first now.</returns>
    private bool TryEvictLast(SlabPtr<T> kept, bool spares)
    {
        SlabPtr<T> item = _list.Last;
        ref bool isUsed = ref TItem.IsUsed(ref item.Value);
        if (item == kept || (spares && isUsed))
        {
            isUsed = false;
            _list.MoveToFirst(item);
            _version++;
            return false;
        }

        Take(item);
        Evicted++;
        _evict(item);
        return true;
    }

    private void Take(SlabPtr<T> item)
    {
        _list.Remove(item);
        Counted(-1, -TItem.BytesOf(ref item.Value));
    }

    private void Counted(int objects, long bytes)
    {
        Volatile.Write(ref _count, _count + objects);
        Bytes += bytes;
        _version++;
    }

    private void Forget()
    {
        _list.Clear();
        Counted(0, -Bytes);
        Volatile.Write(ref _count, 0);
    }
}
