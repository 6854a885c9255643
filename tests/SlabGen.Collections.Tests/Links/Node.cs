namespace SlabGen.Collections.Tests.Links;

/// <summary>An object that may be in two lists at once, and in an LRU.</summary>
internal struct Node
{
    public int Number;
    public bool Used;
    public int Size;
    public SlabLink ByOrder, ByKind, Lru;
}

internal readonly struct InOrder : ISlabLink<Node>
{
    public static ref SlabLink LinkOf(ref Node item) => ref item.ByOrder;
}

internal readonly struct InKind : ISlabLink<Node>
{
    public static ref SlabLink LinkOf(ref Node item) => ref item.ByKind;
}

internal readonly struct InLru : ISlabLruItem<Node>
{
    public static ref SlabLink LinkOf(ref Node item) => ref item.Lru;

    public static ref bool IsUsed(ref Node item) => ref item.Used;

    public static long BytesOf(ref Node item) => item.Size;
}

/// <summary>As <see cref="InLru"/>, without a size.</summary>
internal readonly struct InPlainLru : ISlabLruItem<Node>
{
    public static ref SlabLink LinkOf(ref Node item) => ref item.Lru;

    public static ref bool IsUsed(ref Node item) => ref item.Used;
}

/// <summary>Nodes of a cache of their own, which must all be freed at the end.</summary>
internal sealed class Nodes : IDisposable
{
    private readonly World _world;
    private readonly KmemCache<Node> _cache;

    public Nodes(bool isChecked)
    {
        _world = new World(isChecked);
        _cache = new KmemCache<Node>(_world.Runtime, "nodes");
    }

    public SlabRuntime Runtime => _world.Runtime;

    public SlabPtr<Node> New(int number, int size = 0)
    {
        SlabPtr<Node> node = _cache.Alloc();
        node.Value = new Node { Number = number, Size = size };
        return node;
    }

    public void Free(SlabPtr<Node> node) => _cache.Free(node);

    public void Dispose()
    {
        LeakReport leaks = _cache.Destroy();
        _world.Dispose();
        Assert.True(leaks.IsClean, leaks.ToString());
    }
}
