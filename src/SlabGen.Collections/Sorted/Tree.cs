using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace SlabGen.Collections.Sorted;

/// <summary>A B+ tree: entries are in the leaves, in order; inner nodes say which leaf.</summary>
/// <remarks>
/// <para>Key <c>i</c> of an inner node is not above any key below child <c>i + 1</c>, and is above every key below
/// child <c>i</c>. It need not be in the map any more. Every inner node has a key at least, and every leaf an entry.
/// Nodes have two fifths of their room or more, except the root and those that were split at the very end or start:
/// keys that come in order leave full nodes behind.</para>
/// <para>A change first goes down to the leaf, which asks the comparer and may throw, then takes the nodes that it
/// needs, all or none, and then changes: from there on nothing fails. A removal joins nodes only when the result has
/// room for a fifth more, so no key that comes and goes splits and joins each time. It needs no memory.</para>
/// <para>A comparer without a consistent order puts keys where they are not found, and breaks nothing.</para>
/// <para>All fields are the collection's; the tree tells its owner of each change
/// (<see cref="SlabCollection.Version"/>).</para>
/// </remarks>
internal unsafe partial struct Tree<TKey, TValue>(IComparer<TKey>? comparer)
    where TKey : unmanaged
    where TValue : unmanaged
{
    private readonly KeyOrder<TKey> _order = new(comparer);
    private Node* _root; // null without entries
    private int _height; // levels of inner nodes

    public int Count { get; private set; }

    /// <summary>The leaves at both ends; null without entries.</summary>
    public Node* First { get; private set; }

    public Node* Last { get; private set; }

    public readonly KeyOrder<TKey> Order => _order;

    /// <summary>The value of a key, or null.</summary>
    public readonly TValue* Find(TKey key)
    {
        Node* leaf = LeafOf(key);
        if (leaf == null)
        {
            return null;
        }

        TKey* keys = NodeShape<TKey, TValue>.LeafKeys(leaf);
        int index = _order.CountBefore(keys, leaf->Count, NodeShape<TKey, TValue>.LeafRoom, key);
        return index < leaf->Count && _order.EndsAt(key, keys[index])
            ? NodeShape<TKey, TValue>.Values(leaf) + index : null;
    }

    /// <summary>
    /// The first entry whose key is not before this one; or with <paramref name="behind"/>, is behind it.
    /// </summary>
    public readonly Place PlaceOf(TKey key, bool behind)
    {
        Node* leaf = LeafOf(key);
        if (leaf == null)
        {
            return default;
        }

        TKey* keys = NodeShape<TKey, TValue>.LeafKeys(leaf);
        int room = NodeShape<TKey, TValue>.LeafRoom;
        int index = behind ? _order.CountUpTo(keys, leaf->Count, room, key)
            : _order.CountBefore(keys, leaf->Count, room, key);
        return index < leaf->Count ? new Place(leaf, index) : new Place(leaf->Next, 0);
    }

    /// <summary>The entry behind that at a place. Who walks on has the leaf behind on its way.</summary>
    public static Place After(Place place)
    {
        Node* leaf = place.Leaf;
        if (place.Index + 1 < leaf->Count)
        {
            return new Place(leaf, place.Index + 1);
        }

        leaf = leaf->Next;
        if (leaf != null)
        {
            PrefetchAll(leaf->Next);
        }

        return new Place(leaf, 0);
    }

    /// <summary>The entry before a place, if there is one.</summary>
    public readonly bool TryGoBack(ref Place place)
    {
        if (place.Leaf == null || place.Index == 0)
        {
            Node* leaf = place.Leaf == null ? Last : place.Leaf->Previous;
            if (leaf == null)
            {
                return false;
            }

            PrefetchAll(leaf->Previous);
            place = new Place(leaf, leaf->Count);
        }

        place.Index--;
        return true;
    }

    /// <summary>Frees every node: each is named by its parent, so no leaf is read.</summary>
    public void Free(SlabCollection owner)
    {
        owner.Version++;
        if (_root != null)
        {
            FreeUnder(owner, _root, _height);
        }

        Forget();
    }

    public void Forget()
    {
        _root = First = Last = null;
        (_height, Count) = (0, 0);
    }

    private static void FreeUnder(SlabCollection owner, Node* node, int level)
    {
        if (level == 0)
        {
            FreeLeaf(owner, node);
            return;
        }

        for (int i = 0; i <= node->Count; i++)
        {
            FreeUnder(owner, NodeShape<TKey, TValue>.Children(node)[i], level - 1);
        }

        FreeInner(owner, node);
    }

    private static void FreeLeaf(SlabCollection owner, Node* leaf) =>
        owner.Free((byte*)leaf, (nuint)NodeShape<TKey, TValue>.LeafBytes);

    private static void FreeInner(SlabCollection owner, Node* inner) =>
        owner.Free((byte*)inner, (nuint)NodeShape<TKey, TValue>.InnerBytes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly Node* LeafOf(TKey key)
    {
        Node* node = _root;
        for (int level = _height; level > 0; level--)
        {
            int index = ChildFor(key, node);
            node = NodeShape<TKey, TValue>.Children(node)[index];
            Prefetch(node);
        }

        return node;
    }

    private readonly Node* LeafOf(TKey key, ref NodePath path)
    {
        Node* node = _root;
        for (int level = _height; level > 0; level--)
        {
            int index = ChildFor(key, node);
            path.Set(level, node, index);
            node = NodeShape<TKey, TValue>.Children(node)[index];
            PrefetchAll(node); // entries will move
        }

        return node;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly int ChildFor(TKey key, Node* inner) => _order.CountUpTo(
        NodeShape<TKey, TValue>.InnerKeys(inner), inner->Count, NodeShape<TKey, TValue>.InnerRoom, key);

    /// <summary>Keys lie in the first lines of a node. A search by halves would wait for one after the other.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Prefetch(Node* node)
    {
        if (Sse.IsSupported)
        {
            Sse.Prefetch0((byte*)node + 64);
            Sse.Prefetch0((byte*)node + 128);
            Sse.Prefetch0((byte*)node + 192);
        }
    }

    private static void PrefetchAll(Node* leaf)
    {
        for (int line = 0; Sse.IsSupported && line < NodeShape<TKey, TValue>.LeastBytes; line += 64)
        {
            Sse.Prefetch0((byte*)leaf + line); // of no address it does nothing
        }
    }
}
