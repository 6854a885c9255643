namespace SlabGen.Collections.Sorted;

/// <summary>The head of a node. An inner node has the count alone; leaves are a list in the order of keys.</summary>
internal unsafe struct Node
{
    /// <summary>Keys. An inner node has one child more.</summary>
    public int Count;

    public Node* Previous, Next;
}

/// <summary>
/// Where keys, values and children lie in a node: each kind together, so that a search reads keys alone.
/// </summary>
/// <remarks>
/// A node is 512 bytes, or of as many cache lines as eight entries take. 512 is a power of two, so
/// <see cref="Kmalloc"/> gives such blocks at multiples of it.
/// </remarks>
internal static unsafe class NodeShape<TKey, TValue>
    where TKey : unmanaged
    where TValue : unmanaged
{
    public const int LeastBytes = 512;

    private const int Line = 64, LeastRoom = 8, LeafHead = 24, InnerHead = 8;

    public static readonly int LeafBytes = BytesFor(LeafHead + (LeastRoom * (sizeof(TKey) + sizeof(TValue))));
    public static readonly int LeafRoom = (LeafBytes - LeafHead - 7) / (sizeof(TKey) + sizeof(TValue));
    public static readonly int InnerBytes = BytesFor(InnerHead + (LeastRoom * sizeof(TKey)) + ((LeastRoom + 1) * 8));
    public static readonly int InnerRoom = (InnerBytes - InnerHead - 7 - 8) / (sizeof(TKey) + 8);

    private static readonly int s_values = Aligned(LeafHead + (LeafRoom * sizeof(TKey)));
    private static readonly int s_children = Aligned(InnerHead + (InnerRoom * sizeof(TKey)));

    /// <summary>A node other than the root that has fewer keys takes some of its neighbour, or joins it.</summary>
    public static int LeastIn(int room) => room * 2 / 5;

    public static TKey* LeafKeys(Node* leaf) => (TKey*)((byte*)leaf + LeafHead);

    public static TValue* Values(Node* leaf) => (TValue*)((byte*)leaf + s_values);

    public static TKey* InnerKeys(Node* inner) => (TKey*)((byte*)inner + InnerHead);

    public static Node** Children(Node* inner) => (Node**)((byte*)inner + s_children);

    private static int BytesFor(int bytes) => (Math.Max(LeastBytes, bytes + 7) + Line - 1) & -Line;

    private static int Aligned(int offset) => (offset + 7) & -8;
}

/// <summary>Where an entry is, or would be: its leaf and its number there. No leaf is behind the last entry.</summary>
internal unsafe struct Place(Node* leaf, int index)
{
    public Node* Leaf = leaf;
    public int Index = index;
}

/// <summary>The inner nodes from the root down to a leaf, and the number of the child that was taken in each.</summary>
internal unsafe struct NodePath
{
    /// <summary>Each inner node has two children at least, and entries are counted by an int.</summary>
    public const int Most = 32;

    private fixed long _nodes[Most];
    private fixed int _indexes[Most];

    /// <summary>By level: 1 is the parents of leaves.</summary>
    public void Set(int level, Node* node, int index)
    {
        _nodes[level] = (long)node;
        _indexes[level] = index;
    }

    public readonly Node* At(int level, out int index)
    {
        index = _indexes[level];
        return (Node*)_nodes[level];
    }
}
