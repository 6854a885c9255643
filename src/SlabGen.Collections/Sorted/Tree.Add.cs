using System.Runtime.CompilerServices;

namespace SlabGen.Collections.Sorted;

// An entry more.
internal unsafe partial struct Tree<TKey, TValue>
{
    /// <summary>The value of a key, or a new one of zeros; null when memory is short, with nothing changed.</summary>
    public TValue* FindOrAdd(SlabCollection owner, TKey key, out bool exists)
    {
        exists = false;
        if (_root == null)
        {
            return AddFirst(owner, key);
        }

        Unsafe.SkipInit(out NodePath path);
        Node* leaf = LeafOf(key, ref path);
        TKey* keys = NodeShape<TKey, TValue>.LeafKeys(leaf);
        int index = _order.CountBefore(keys, leaf->Count, NodeShape<TKey, TValue>.LeafRoom, key);
        if (index < leaf->Count && _order.EndsAt(key, keys[index]))
        {
            exists = true;
            return NodeShape<TKey, TValue>.Values(leaf) + index;
        }

        if (leaf->Count == NodeShape<TKey, TValue>.LeafRoom)
        {
            return TrySplitAndAdd(owner, leaf, index, key, ref path);
        }

        Count++;
        owner.Version++;
        return Insert(leaf, index, key);
    }

    private TValue* AddFirst(SlabCollection owner, TKey key)
    {
        _order.Less(key, key); // a comparer that refuses the key refuses it here, as it would later
        if (!owner.TryAlloc((nuint)NodeShape<TKey, TValue>.LeafBytes, out byte* block))
        {
            return null;
        }

        _root = First = Last = (Node*)block;
        *_root = default;
        Count = 1;
        owner.Version++;
        return Insert(_root, 0, key);
    }

    private TValue* TrySplitAndAdd(SlabCollection owner, Node* leaf, int index, TKey key, ref NodePath path)
    {
        Node** made = stackalloc Node*[NodePath.Most + 1];
        int splits = 1; // nodes to split, from the leaf up
        while (splits <= _height && path.At(splits, out _)->Count == NodeShape<TKey, TValue>.InnerRoom)
        {
            splits++;
        }

        int nodes = splits + (splits > _height ? 1 : 0); // and a new root
        if (!TryMake(owner, made, nodes))
        {
            return null;
        }

        // From here on nothing calls anybody, and nothing fails.
        Count++;
        owner.Version++;
        int room = NodeShape<TKey, TValue>.LeafRoom;
        bool atEnd = leaf->Next == null && index == room, atStart = leaf->Previous == null && index == 0;
        int stay = atEnd ? room : atStart ? 0 : (room + 1) / 2;
        Node* right = SplitLeaf(leaf, made[0], stay);
        TValue* value = index <= stay && stay < room
            ? Insert(leaf, index, key) : Insert(right, index - stay, key);
        TKey separator = *NodeShape<TKey, TValue>.LeafKeys(right);
        for (int level = 1; level <= _height; level++)
        {
            Node* inner = path.At(level, out int at);
            if (level == splits)
            {
                InsertChild(inner, at, separator, right);
                return value;
            }

            int innerRoom = NodeShape<TKey, TValue>.InnerRoom;
            int staying = atEnd ? innerRoom - 1 : atStart ? 1 : (innerRoom + 1) / 2;
            SplitInner(inner, made[level], staying, at, ref separator, right);
            right = made[level];
        }

        Node* root = made[splits];
        root->Count = 0;
        *NodeShape<TKey, TValue>.Children(root) = _root;
        InsertChild(root, 0, separator, right);
        _root = root;
        _height++;
        return value;
    }

    /// <summary>A leaf and then inner nodes, all or none.</summary>
    private static bool TryMake(SlabCollection owner, Node** made, int nodes)
    {
        for (int i = 0; i < nodes; i++)
        {
            nuint bytes = (nuint)(i == 0 ? NodeShape<TKey, TValue>.LeafBytes : NodeShape<TKey, TValue>.InnerBytes);
            if (owner.TryAlloc(bytes, out byte* block))
            {
                made[i] = (Node*)block;
                continue;
            }

            while (i > 0)
            {
                i--;
                owner.Free((byte*)made[i], (nuint)(i == 0 ? NodeShape<TKey, TValue>.LeafBytes
                    : NodeShape<TKey, TValue>.InnerBytes));
            }

            return false;
        }

        return true;
    }

    private Node* SplitLeaf(Node* leaf, Node* right, int stay)
    {
        *right = new Node { Previous = leaf, Next = leaf->Next };
        if (right->Next == null)
        {
            Last = right;
        }
        else
        {
            right->Next->Previous = right;
        }

        leaf->Next = right;
        MoveEntries(leaf, stay, right, 0, leaf->Count - stay);
        return right;
    }

    /// <summary>
    /// Splits a full inner node that gets a key and the child behind it. Leaves the key that goes up.
    /// </summary>
    private static void SplitInner(Node* left, Node* right, int stay, int index, ref TKey separator, Node* child)
    {
        TKey* keys = NodeShape<TKey, TValue>.InnerKeys(left);
        Node** children = NodeShape<TKey, TValue>.Children(left);
        int up = index < stay ? stay - 1 : stay; // of the keys there are, that which goes up; or the new one does
        int first = index == stay ? stay : up + 1; // the first that goes right
        int moved = left->Count - first;
        Copy(keys + first, NodeShape<TKey, TValue>.InnerKeys(right), moved);
        Copy((nint*)children + first, (nint*)NodeShape<TKey, TValue>.Children(right), moved + 1);
        left->Count = up;
        right->Count = moved;
        if (index == stay)
        {
            *NodeShape<TKey, TValue>.Children(right) = child;
            return;
        }

        TKey goesUp = keys[up];
        if (index < stay)
        {
            InsertChild(left, index, separator, child);
        }
        else
        {
            InsertChild(right, index - stay - 1, separator, child);
        }

        separator = goesUp;
    }

    /// <summary>Puts an entry into a leaf that has room.</summary>
    private static TValue* Insert(Node* leaf, int index, TKey key)
    {
        TKey* keys = NodeShape<TKey, TValue>.LeafKeys(leaf);
        TValue* values = NodeShape<TKey, TValue>.Values(leaf);
        int behind = leaf->Count - index;
        Copy(keys + index, keys + index + 1, behind);
        Copy(values + index, values + index + 1, behind);
        leaf->Count++;
        keys[index] = key;
        values[index] = default;
        return values + index;
    }

    /// <summary>Puts a key, and the child behind it, into an inner node that has room.</summary>
    private static void InsertChild(Node* inner, int index, TKey key, Node* child)
    {
        TKey* keys = NodeShape<TKey, TValue>.InnerKeys(inner);
        nint* children = (nint*)NodeShape<TKey, TValue>.Children(inner);
        int behind = inner->Count - index;
        Copy(keys + index, keys + index + 1, behind);
        Copy(children + index + 1, children + index + 2, behind);
        inner->Count++;
        keys[index] = key;
        children[index + 1] = (nint)child;
    }

    /// <summary>Moves entries of one leaf into a gap of another, and counts them.</summary>
    private static void MoveEntries(Node* from, int index, Node* to, int at, int entries)
    {
        Copy(NodeShape<TKey, TValue>.LeafKeys(from) + index, NodeShape<TKey, TValue>.LeafKeys(to) + at, entries);
        Copy(NodeShape<TKey, TValue>.Values(from) + index, NodeShape<TKey, TValue>.Values(to) + at, entries);
        from->Count -= entries;
        to->Count += entries;
    }

    private static void Copy<T>(T* from, T* to, int count)
        where T : unmanaged => new ReadOnlySpan<T>(from, count).CopyTo(new Span<T>(to, count));
}
