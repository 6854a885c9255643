using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace SlabGen.Collections;

/// <summary>
/// A list of objects in slabs, linked by a field of theirs (the kernel's <c>list_head</c>): it allocates nothing, takes
/// an object out by its address, without a search, and moves it to either end.
/// </summary>
/// <remarks>
/// <para>It is a struct of two addresses, for a field of a class or of another struct in a slab; it must not be copied
/// while it is in use. It does not own the objects: take one out before you free it.</para>
/// <para>The ends are null, and the list is not a ring through its head as the kernel's is: a head that is a field of a
/// class moves when the collector compacts, and nothing may point at it.</para>
/// <para>Each removal looks whether the neighbours agree, in lines that it writes anyway (the kernel's
/// <c>CONFIG_LIST_HARDENED</c>). So it finds an object that is in no list or was removed before, and one at an end of
/// another list. It cannot tell one in the middle of another list. The list is for one thread at a time.</para>
/// <para>Invariants: the first has no previous, the last no next; <c>a.Next == b</c> if and only if
/// <c>b.Previous == a</c>; the link of an object that was taken out is zeros.</para>
/// </remarks>
/// <example><code><![CDATA[
/// [SlabCache]
/// public struct Level { public int Price; public SlabLinkedList<Order, InQueue> Orders; }
///
/// level.Value.Orders.AddLast(order);
/// foreach (SlabPtr<Order> waiting in level.Value.Orders) { Console.WriteLine(waiting.Value.Id); }
/// level.Value.Orders.Remove(order);
/// ]]></code></example>
/// <typeparam name="T">The objects' struct.</typeparam>
/// <typeparam name="TLink">Which of its fields is the link.</typeparam>
public partial struct SlabLinkedList<T, TLink>
    where T : unmanaged
    where TLink : struct, ISlabLink<T>
{
    private nint _first, _last; // 0 when it is empty

    /// <summary>Whether there is no object.</summary>
    public readonly bool IsEmpty => _first == 0;

    /// <summary>The first object, or null.</summary>
    public readonly SlabPtr<T> First => new(_first);

    /// <summary>The last object, or null.</summary>
    public readonly SlabPtr<T> Last => new(_last);

    /// <summary>The object behind another one, or null.</summary>
    /// <param name="item">An object of a list.</param>
    [SuppressMessage("Design", "CA1000", Justification = "It is the same for each list of these objects.")]
    public static SlabPtr<T> NextOf(SlabPtr<T> item) => new(LinkAt(item.Address).Next);

    /// <summary>The object before another one, or null.</summary>
    /// <param name="item">An object of a list.</param>
    [SuppressMessage("Design", "CA1000", Justification = "It is the same for each list of these objects.")]
    public static SlabPtr<T> PreviousOf(SlabPtr<T> item) => new(LinkAt(item.Address).Previous);

    /// <summary>Puts an object before all others.</summary>
    /// <param name="item">An object that is in no list of this link.</param>
    /// <exception cref="InvalidOperationException">It is at an end of this list already.</exception>
    public void AddFirst(SlabPtr<T> item) => Insert(0, item, _first);

    /// <summary>Puts an object behind all others.</summary>
    /// <param name="item">An object that is in no list of this link.</param>
    /// <exception cref="InvalidOperationException">It is at an end of this list already.</exception>
    public void AddLast(SlabPtr<T> item) => Insert(_last, item, 0);

    /// <summary>Puts an object before another one.</summary>
    /// <param name="place">An object of this list.</param>
    /// <param name="item">An object that is in no list of this link.</param>
    /// <exception cref="InvalidOperationException">They are neighbours already, or the same.</exception>
    public void AddBefore(SlabPtr<T> place, SlabPtr<T> item) =>
        Insert(LinkAt(place.Address).Previous, item, place.Address);

    /// <summary>Puts an object behind another one.</summary>
    /// <param name="place">An object of this list.</param>
    /// <param name="item">An object that is in no list of this link.</param>
    /// <exception cref="InvalidOperationException">They are neighbours already, or the same.</exception>
    public void AddAfter(SlabPtr<T> place, SlabPtr<T> item) =>
        Insert(place.Address, item, LinkAt(place.Address).Next);

    /// <summary>Takes an object out, without a search.</summary>
    /// <param name="item">An object of this list.</param>
    /// <exception cref="InvalidOperationException">It is not in this list; nothing was changed.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Remove(SlabPtr<T> item)
    {
        ref SlabLink link = ref LinkAt(item.Address);
        ref nint before = ref link.Previous == 0 ? ref _first : ref LinkAt(link.Previous).Next;
        ref nint behind = ref link.Next == 0 ? ref _last : ref LinkAt(link.Next).Previous;
        if (before != item.Address || behind != item.Address)
        {
            ThrowNotHere(item.Address);
        }

        before = link.Next;
        behind = link.Previous;
        link = default;
    }

    /// <summary>Takes the first object out, if there is one.</summary>
    /// <param name="item">The object, or null.</param>
    /// <returns>Whether there was one.</returns>
    public bool TryRemoveFirst(out SlabPtr<T> item) => TryRemove(item = First);

    /// <summary>Takes the last object out, if there is one.</summary>
    /// <param name="item">The object, or null.</param>
    /// <returns>Whether there was one.</returns>
    public bool TryRemoveLast(out SlabPtr<T> item) => TryRemove(item = Last);

    /// <summary>Moves an object before all others.</summary>
    /// <param name="item">An object of this list.</param>
    /// <exception cref="InvalidOperationException">It is not in this list; nothing was changed.</exception>
    public void MoveToFirst(SlabPtr<T> item)
    {
        if (item.Address != _first)
        {
            Remove(item);
            AddFirst(item);
        }
    }

    /// <summary>Moves an object behind all others.</summary>
    /// <param name="item">An object of this list.</param>
    /// <exception cref="InvalidOperationException">It is not in this list; nothing was changed.</exception>
    public void MoveToLast(SlabPtr<T> item)
    {
        if (item.Address != _last)
        {
            Remove(item);
            AddLast(item);
        }
    }

    /// <summary>Puts all objects of another list behind those of this one (<c>list_splice_tail</c>).</summary>
    /// <param name="other">The other list, which is empty then.</param>
    /// <exception cref="InvalidOperationException">It is this list.</exception>
    public void Append(ref SlabLinkedList<T, TLink> other)
    {
        if (other._first == 0)
        {
            return;
        }

        if (other._first == _first)
        {
            throw new InvalidOperationException($"{Name} cannot be appended to itself.");
        }

        LinkAt(other._first).Previous = _last;
        (_last == 0 ? ref _first : ref LinkAt(_last).Next) = other._first;
        _last = other._last;
        other = default;
    }

    /// <summary>
    /// Forgets all objects, whose links stay as they are: for objects that are all freed at once, by a reset of their
    /// cache.
    /// </summary>
    public void Clear() => this = default;

    private bool TryRemove(SlabPtr<T> item)
    {
        if (item.IsNull)
        {
            return false;
        }

        Remove(item);
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe ref SlabLink LinkAt(nint item) => ref TLink.LinkOf(ref *(T*)item);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Insert(nint previous, SlabPtr<T> item, nint next)
    {
        if (item.Address == previous || item.Address == next)
        {
            ThrowHere(item.Address);
        }

        ref SlabLink link = ref LinkAt(item.Address);
        (link.Previous, link.Next) = (previous, next);
        (previous == 0 ? ref _first : ref LinkAt(previous).Next) = item.Address;
        (next == 0 ? ref _last : ref LinkAt(next).Previous) = item.Address;
    }

    private static string Name => $"SlabLinkedList<{typeof(T).Name}, {typeof(TLink).Name}>";

    [DoesNotReturn]
    private static void ThrowHere(nint item)
    {
        if (item == 0)
        {
            throw new NullReferenceException($"{Name}: the object is null.");
        }

        throw new InvalidOperationException(
            $"{Name}: the object at 0x{item:x} is in the list already, next to where it is to be.");
    }

    [DoesNotReturn]
    private static void ThrowNotHere(nint item) => throw new InvalidOperationException(
        $"{Name}: the object at 0x{item:x} is not in this list. It was never added, or removed before, or is in another.");
}
