using System.Runtime.CompilerServices;

namespace SlabGen.Tests.Generated;

/// <summary>Rings of structs that the CLR cannot load with generic pointers. With generated pointers they load and run on the JIT.</summary>
public sealed class LinksTests
{
    [Fact]
    public void A_tree_of_two_structs_that_refer_to_each_other()
    {
        SlabPtr<Branch> branch = BranchCache.AllocZeroed();
        for (int i = 0; i < 100; i++)
        {
            SlabPtr<Leaf> leaf = LeafCache.Alloc();
            leaf.Value = new Leaf { Key = i, Parent = branch, Next = branch.Value.First };
            branch.Value.First = leaf;
        }

        int sum = 0;
        while (branch.Value.First != default)
        {
            LeafPtr leaf = branch.Value.First;
            Assert.True(leaf.Value.Parent == branch);
            sum += leaf.Value.Key;
            branch.Value.First = leaf.Value.Next;
            LeafCache.Free(leaf);
        }

        Assert.Equal(4950, sum);
        BranchCache.Free(branch);
        Assert.Equal((0, 0), (BranchCache.Cache.Snapshot().LiveObjects, LeafCache.Cache.Snapshot().LiveObjects));
    }

    [Fact]
    public void A_ring_of_three()
    {
        SlabPtr<Rock> rock = RockCache.Alloc();
        SlabPtr<Paper> paper = PaperCache.Alloc();
        SlabPtr<Scissors> scissors = ScissorsCache.Alloc();
        rock.Value.Beats = scissors;
        scissors.Value.Beats = paper;
        paper.Value.Beats = rock;
        Assert.True(rock.Value.Beats.Value.Beats.Value.Beats == rock);
        RockCache.Free(rock);
        PaperCache.Free(paper);
        ScissorsCache.Free(scissors);
    }

    [Fact]
    public void A_list_through_a_link_in_each_object()
    {
        SlabPtr<Item> head = ItemCache.Alloc();
        head.Value = new Item { Link = new ItemLink { Next = head, Previous = head } };
        for (int i = 0; i < 10; i++)
        {
            SlabPtr<Item> item = ItemCache.Alloc();
            item.Value = new Item { Key = i, Link = new ItemLink { Next = head, Previous = head.Value.Link.Previous } };
            head.Value.Link.Previous.Value.Link.Next = item;
            head.Value.Link.Previous = item;
        }

        List<long> keys = [];
        for (ItemPtr item = head.Value.Link.Next; item != head; )
        {
            ItemPtr next = item.Value.Link.Next;
            keys.Add(item.Value.Key);
            ItemCache.Free(item);
            item = next;
        }

        Assert.Equal(Enumerable.Range(0, 10).Select(static i => (long)i), keys);
        ItemCache.Free(head);
    }

    [Fact]
    public void A_node_with_an_inline_array_of_children()
    {
        SlabPtr<Knot> root = KnotCache.AllocZeroed();
        for (int i = 0; i < 4; i++)
        {
            root.Value.Children[i] = KnotCache.AllocZeroed();
            root.Value.Children[i].Value.Parent = root;
            root.Value.Children[i].Value.Keys = i;
        }

        Assert.Equal(48, Unsafe.SizeOf<Knot>());
        for (int i = 0; i < 4; i++)
        {
            KnotPtr child = root.Value.Children[i];
            Assert.Equal((i, root.Address), (child.Value.Keys, child.Value.Parent.Address));
            KnotCache.Free(child);
        }

        KnotCache.Free(root);
    }

    [Fact]
    public void Generic_structs_nested_in_a_generic_class()
    {
        SlabPtr<Map<long>.Node> node = MapNodeCache<long>.AllocZeroed();
        SlabPtr<Map<long>.Bucket<int>> bucket = BucketCache<long, int>.AllocZeroed();
        (node.Value.Key, node.Value.Home, node.Value.Other) = (7, bucket, node);
        (bucket.Value.Value, bucket.Value.First) = (8, node);
        Assert.Equal((7, 8), (bucket.Value.First.Value.Key, node.Value.Home.Value.Value));
        Assert.True(node.Value.Other == node);
        BucketCache<long, int>.Free(node.Value.Home);
        MapNodeCache<long>.Free(node);
    }

    [Fact]
    public void Handles_and_small_pointers_in_fields()
    {
        Assert.Equal((16, 4), (Unsafe.SizeOf<SpanHandle>(), Unsafe.SizeOf<SpanPtr32>()));
        SpanHandle handle = SpanCache.AllocHandle();
        Assert.True(handle.TryGet(out SlabPtr<Span> pointer));
        handle.Value.Self = handle;
        handle.Value.Small = (SpanPtr32)pointer;
        Assert.True(handle.Value.Self == handle);
        Assert.True(pointer.Value.Small == (SlabPtr32<Span>)pointer);
        Assert.True(pointer == pointer.Value.Small);
        Assert.Equal(pointer.Address, pointer.Value.Small.Address);
        Assert.Equal(handle.GetHashCode(), pointer.Value.Self.GetHashCode());
        Assert.Equal(((SlabHandle<Span>)handle).ToString(), handle.ToString());

        SpanCache.Free(handle);
        Assert.False(handle.IsLive);
        Assert.Equal(SlabFault.StaleHandle, Assert.Throws<SlabException>(() => handle.Value.Small = default).Fault);
        Assert.Throws<OverflowException>(() => (SpanPtr32)new SlabPtr<Span>(unchecked((nint)0x1_0000_0000)));
    }

    [Fact]
    public unsafe void It_is_the_pointer_that_it_converts_to()
    {
        SlabPtr<Leaf> pointer = LeafCache.Alloc();
        LeafPtr link = pointer, copy = new(pointer.Address);
        Leaf* plain = link;
        Assert.Equal(pointer.Address, (nint)plain);
        Assert.Equal(link, copy);
        Assert.True(link.Equals((object)copy) && link.Equals(pointer) && pointer.Equals(link) && !link.Equals((object)pointer));
        Assert.True(link == pointer && pointer == link && link == copy && link == plain && !(link != copy));
        Assert.False(link == default || default == link || link == null || link.IsNull);
        Assert.True(default(LeafPtr).IsNull && default(LeafPtr) == default);
        Assert.Equal((pointer.GetHashCode(), pointer.ToString()), (link.GetHashCode(), link.ToString()));
        copy = plain;
        plain->Key = 5;
        Assert.Equal(5, copy.Value.Key);
        Assert.True(link.IsOdd);
        LeafCache.Free(plain);
        Assert.Throws<NullReferenceException>(() => default(LeafPtr).Value.Key = 1);
        Assert.Throws<SlabException>(() => LeafCache.Free(default(LeafPtr)));
    }
}

[SlabCache]
internal struct Branch
{
    public LeafPtr First;
}

[SlabCache]
internal struct Leaf
{
    public int Key;
    public BranchPtr Parent;
    public LeafPtr Next;
}

internal readonly partial struct LeafPtr
{
    public bool IsOdd => Value.Key % 2 != 0;
}

[SlabCache]
internal struct Rock
{
    public ScissorsPtr Beats;
}

[SlabCache]
internal struct Paper
{
    public RockPtr Beats;
}

[SlabCache]
internal struct Scissors
{
    public PaperPtr Beats;
}

internal struct ItemLink
{
    public ItemPtr Next, Previous;
}

[SlabCache]
internal struct Item
{
    public long Key;
    public ItemLink Link;
}

[SlabCache]
internal struct Knot
{
    public int Keys;
    public KnotPtr Parent;
    public KnotChildren Children;
}

[InlineArray(4)]
internal struct KnotChildren
{
    private KnotPtr _first;
}

internal static class Map<TKey>
    where TKey : unmanaged
{
    [SlabCache(Name = "MapNodeCache")]
    internal struct Node
    {
        public TKey Key;
        public BucketPtr<TKey, int> Home;
        public MapNodePtr<TKey> Other;
    }

    [SlabCache]
    internal struct Bucket<TValue>
        where TValue : unmanaged
    {
        public TValue Value;
        public MapNodePtr<TKey> First;
    }
}

[SlabCache(Handles = true, Zone = ZoneKind.Dma32, Fallback = ZoneFallback.Strict)]
internal struct Span
{
    public SpanHandle Self;
    public SpanPtr32 Small;
}
