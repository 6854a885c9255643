using System.Runtime.CompilerServices;

namespace SlabGen.Collections.Sorted;

// An entry less.
internal unsafe partial struct Tree<TKey, TValue>
{
    /// <summary>Takes an entry out.</summary>
    public bool Remove(SlabCollection owner, TKey key, out TValue value)
    {
        value = default;
        if (_root == null)
        {
            return false;
        }

        Unsafe.SkipInit(out NodePath path);
        Node* leaf = LeafOf(key, ref path);
        TKey* keys = NodeShape<TKey, TValue>.LeafKeys(leaf);
        int index = _order.CountBefore(keys, leaf->Count, NodeShape<TKey, TValue>.LeafRoom, key);
        if (index == leaf->Count || !_order.EndsAt(key, keys[index]))
        {
            return false;
        }

        // From here on nothing calls anybody, and nothing fails.
        TValue* values = NodeShape<TKey, TValue>.Values(leaf);
        value = values[index];
        int behind = --leaf->Count - index;
        Copy(keys + index + 1, keys + index, behind);
        Copy(values + index + 1, values + index, behind);
        Count--;
        owner.Version++;
        if (Count == 0)
        {
            Free(owner);
        }
        else if (leaf->Count < NodeShape<TKey, TValue>.LeastIn(NodeShape<TKey, TValue>.LeafRoom) && _height > 0)
        {
            FillLeaf(owner, ref path);
        }

        return true;
    }

    /// <summary>A leaf has few entries: it joins a neighbour, or both have half.</summary>
    private void FillLeaf(SlabCollection owner, ref NodePath path)
    {
        Node* parent = Neighbours(ref path, 1, out int at, out Node* left, out Node* right);
        int least = NodeShape<TKey, TValue>.LeastIn(NodeShape<TKey, TValue>.LeafRoom);
        int all = left->Count + right->Count, moved = (all / 2) - left->Count;
        if (all <= least * 2)
        {
            MoveEntries(right, 0, left, left->Count, right->Count);
            left->Next = right->Next;
            if (right->Next == null)
            {
                Last = left;
            }
            else
            {
                right->Next->Previous = left;
            }

            FreeLeaf(owner, right);
            RemoveChild(parent, at);
            FillInner(owner, ref path);
            return;
        }

        TKey* keys = NodeShape<TKey, TValue>.LeafKeys(right);
        TValue* values = NodeShape<TKey, TValue>.Values(right);
        if (moved > 0)
        {
            MoveEntries(right, 0, left, left->Count, moved);
            Copy(keys + moved, keys, right->Count);
            Copy(values + moved, values, right->Count);
        }
        else
        {
            Copy(keys, keys - moved, right->Count);
            Copy(values, values - moved, right->Count);
            MoveEntries(left, left->Count + moved, right, 0, -moved);
        }

        NodeShape<TKey, TValue>.InnerKeys(parent)[at] = *keys;
    }

    /// <summary>The parent of leaves lost a child: the same from there up.</summary>
    private void FillInner(SlabCollection owner, ref NodePath path)
    {
        int least = NodeShape<TKey, TValue>.LeastIn(NodeShape<TKey, TValue>.InnerRoom);
        for (int level = 1; level < _height && path.At(level, out _)->Count < least; level++)
        {
            Node* parent = Neighbours(ref path, level + 1, out int at, out Node* left, out Node* right);
            ref TKey separator = ref NodeShape<TKey, TValue>.InnerKeys(parent)[at];
            int all = left->Count + right->Count, moved = (all / 2) - left->Count;
            if (all >= least * 2)
            {
                if (moved > 0)
                {
                    MoveLeft(left, right, ref separator, moved);
                }
                else
                {
                    MoveRight(left, right, ref separator, -moved);
                }

                return;
            }

            MoveLeft(left, right, ref separator, right->Count);
            InsertChild(left, left->Count, separator, *NodeShape<TKey, TValue>.Children(right));
            FreeInner(owner, right);
            RemoveChild(parent, at);
        }

        if (_root->Count == 0)
        {
            Node* root = _root;
            _root = *NodeShape<TKey, TValue>.Children(root);
            _height--;
            FreeInner(owner, root);
        }
    }

    /// <summary>The child that the path took of a node, and one beside it; and the number of the key between.</summary>
    private static Node* Neighbours(ref NodePath path, int level, out int at, out Node* left, out Node* right)
    {
        Node* parent = path.At(level, out at);
        at -= at > 0 ? 1 : 0;
        left = NodeShape<TKey, TValue>.Children(parent)[at];
        right = NodeShape<TKey, TValue>.Children(parent)[at + 1];
        return parent;
    }

    /// <summary>Takes out a key and the child behind it.</summary>
    private static void RemoveChild(Node* inner, int at)
    {
        TKey* keys = NodeShape<TKey, TValue>.InnerKeys(inner);
        nint* children = (nint*)NodeShape<TKey, TValue>.Children(inner);
        int behind = --inner->Count - at;
        Copy(keys + at + 1, keys + at, behind);
        Copy(children + at + 2, children + at + 1, behind);
    }

    /// <summary>So many children go left; the key between goes along, and another takes its place.</summary>
    private static void MoveLeft(Node* left, Node* right, ref TKey separator, int moved)
    {
        TKey* keys = NodeShape<TKey, TValue>.InnerKeys(right);
        nint* children = (nint*)NodeShape<TKey, TValue>.Children(right);
        for (int i = 0; i < moved; i++)
        {
            InsertChild(left, left->Count, separator, (Node*)children[i]);
            separator = keys[i];
        }

        right->Count -= moved;
        Copy(keys + moved, keys, right->Count);
        Copy(children + moved, children, right->Count + 1);
    }

    private static void MoveRight(Node* left, Node* right, ref TKey separator, int moved)
    {
        TKey* keys = NodeShape<TKey, TValue>.InnerKeys(right), from = NodeShape<TKey, TValue>.InnerKeys(left);
        nint* children = (nint*)NodeShape<TKey, TValue>.Children(right);
        Copy(keys, keys + moved, right->Count);
        Copy(children, children + moved, right->Count + 1);
        for (int i = moved - 1; i >= 0; i--)
        {
            keys[i] = separator;
            children[i] = (nint)NodeShape<TKey, TValue>.Children(left)[left->Count];
            separator = from[--left->Count];
        }

        right->Count += moved;
    }
}
