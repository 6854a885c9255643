using SlabGen.Memory;
using SlabGen.Tests.Concurrency;

namespace SlabGen.Tests.Caches;

/// <summary>Whatever a move callback replies, throws or does besides, both of its objects are accounted for.</summary>
public sealed class MoveRepliesTests : IDisposable
{
    // Checked mode has no magazines: what is freed is in its slab at once, and the objects of a slab are known.
    private static readonly SlabCacheOptions s_noCaching = new() { Checked = true, NoMagazines = true };

    private readonly SlabRuntime _runtime = TestRuntime.OfPages(1000);
    private readonly KmemCache _cache;
    private readonly MovableObjects _objects;
    private readonly long[] _fuller, _sparse; // a slab with room, and one with two objects

    public MoveRepliesTests()
    {
        _cache = _runtime.CreateCache("o", 64, s_noCaching);
        _objects = new MovableObjects(_cache);
        int perSlab = Page.Size / 64;
        long[] keys = [.. Enumerable.Range(0, 2 * perSlab).Select(_ => _objects.Alloc())];
        Array.Sort(Array.ConvertAll(keys, _objects.AddressOf), keys);
        (_fuller, _sparse) = (keys[..(perSlab - 5)], keys[perSlab..(perSlab + 2)]);
        foreach (long key in keys.Except(_fuller).Except(_sparse))
        {
            _objects.Free(key);
        }
    }

    public void Dispose()
    {
        _objects.FreeAll();
        Assert.False(_cache.Shrink(), _cache.Snapshot().ToString());
        _runtime.Dispose(); // throws when an object is live
    }

    [Fact]
    public void DestroyInTheCallback_CountsEachObjectOnce()
    {
        SlabRuntime runtime = TestRuntime.OfPages(1000);
        KmemCache cache = runtime.CreateCache("o", 64, new SlabCacheOptions { Checked = true });
        var objects = new MovableObjects(cache);
        objects.MakeSparse(count: 2000, oneIn: 40);
        int live = objects.Count;
        LeakReport? leak = null;
        objects.Reply = _ =>
        {
            leak ??= cache.Destroy();
            return SlabMoveReply.Later;
        };
        cache.Consolidate();
        Assert.Equal(live, leak!.LiveObjects);
        Assert.Throws<InvalidOperationException>(runtime.Close); // they are live
    }

    [Fact]
    public void No_EndsTheSlab_UntilTheObjectIsFreed()
    {
        _objects.Reply = _ => SlabMoveReply.No;
        Assert.Equal(default, _cache.Consolidate());
        long[] asked = [_sparse[0], _fuller[0]]; // one of each slab: no other object is in anyone's way
        Assert.Equal(asked, _objects.Asked);
        _objects.Reply = _ => SlabMoveReply.Yes;
        Assert.Equal(default, _cache.Consolidate());
        Assert.Equal(asked, _objects.Asked);

        _objects.Free(_sparse[0]);
        Assert.Equal(1, _cache.Consolidate().SlabsDiscarded);
        Assert.Equal([.. asked, _sparse[1]], _objects.Asked);
        CheckCounts(_fuller.Length + 1);
    }

    [Fact]
    public void No_IsForgotten_WhenTheSlabWasFull()
    {
        _objects.Reply = _ => SlabMoveReply.No;
        _cache.Consolidate();
        List<long> more = [];
        while (_cache.Snapshot().PartialSlabs > 0)
        {
            more.Add(_objects.Alloc());
        }

        more.ForEach(_objects.Free);
        _objects.Reply = _ => SlabMoveReply.Yes;
        Assert.Equal(1, _cache.Consolidate().SlabsDiscarded);
        CheckCounts(_fuller.Length + 2);
    }

    [Theory]
    [InlineData(SlabMoveReply.Later)]
    [InlineData(SlabMoveReply.DontKnow)]
    public void Later_IsAskedInTheNextPass_AndTheOthersInThis(SlabMoveReply later)
    {
        _objects.Reply = key => key == _sparse[0] ? later : SlabMoveReply.Yes;
        Assert.Equal(new SlabConsolidation(1, 0, 0), _cache.Consolidate());
        Assert.Equal(_sparse, _objects.Asked);
        CheckCounts(_fuller.Length + 2);
        _objects.Reply = _ => SlabMoveReply.Yes;
        Assert.Equal(new SlabConsolidation(1, 1, Page.Size), _cache.Consolidate());
        Assert.Equal([.. _sparse, _sparse[0]], _objects.Asked);
        CheckCounts(_fuller.Length + 2);
    }

    [Fact]
    public void DontNeed_FreesBoth()
    {
        _objects.Reply = _ => SlabMoveReply.DontNeed;
        Assert.Equal(new SlabConsolidation(2, 1, Page.Size), _cache.Consolidate());
        Assert.Equal(_fuller.Length, _objects.Count);
        CheckCounts(_fuller.Length);
    }

    [Fact]
    public void WhatItThrows_ComesOut_AndNothingIsLost()
    {
        _objects.Reply = _ => throw new FormatException("move");
        Assert.Equal("move", Assert.Throws<FormatException>(() => _cache.Consolidate()).Message);
        Assert.Single(_objects.Asked);
        CheckCounts(_fuller.Length + 2);
        _objects.Reply = _ => SlabMoveReply.Yes;
        Assert.Equal(2, _cache.Consolidate().ObjectsMoved);
        CheckCounts(_fuller.Length + 2);
    }

    [Fact]
    public void AReplyThatIsNone_IsNamed_AndNothingIsLost()
    {
        _objects.Reply = _ => (SlabMoveReply)17;
        Assert.Contains("17", Assert.Throws<InvalidOperationException>(() => _cache.Consolidate()).Message, StringComparison.Ordinal);
        CheckCounts(_fuller.Length + 2);
    }

    [Fact]
    public void TheObjectFreedMeanwhile_IsNeitherLostNorFreedTwice()
    {
        _objects.Reply = key =>
        {
            if (_objects.Asked.Count == 1)
            {
                nint from = _objects.Forget(key);
                OnAnotherThread(() => _cache.Free(from));
            }

            return SlabMoveReply.DontKnow;
        };
        _cache.Consolidate();
        CheckCounts(_fuller.Length + 1);
    }

    [Theory]
    [InlineData(SlabMoveReply.Yes)]
    [InlineData(SlabMoveReply.DontNeed)]
    public void TheObjectFreedBesides_IsADoubleFree(SlabMoveReply reply)
    {
        nint freed = 0, spare = 0;
        KmemCache cache = null!;
        cache = NewCacheOfTwoSlabs((from, to) =>
        {
            cache.Free(from);
            (freed, spare) = (from, to);
            return reply;
        }, out List<nint> objects);

        SlabException error = Assert.Throws<SlabException>(() => cache.Consolidate());
        Assert.Equal((SlabFault.DoubleFree, freed), (error.Fault, error.Address));
        objects.Remove(freed);
        if (reply == SlabMoveReply.Yes)
        {
            objects.Add(spare);
        }

        Assert.Equal(objects.Count, cache.Snapshot().LiveObjects);
        cache.FreeBulk([.. objects]);
        Assert.True(cache.Destroy().IsClean);
    }

    [Fact]
    public void TheSlabOfAPendingMove_StaysMapped_WhenItsLastObjectIsFreed()
    {
        bool seen = false;
        _objects.Reply = key =>
        {
            if (seen)
            {
                return SlabMoveReply.DontKnow;
            }

            seen = true;
            nint from = _objects.Forget(_sparse[0]), other = _objects.Forget(_sparse[1]);
            OnAnotherThread(() =>
            {
                _cache.Free(from);
                _cache.Free(other);
                _cache.Shrink();
                _runtime.Pages.Trim();
            });
            Assert.Equal(_sparse[0], new SlabPtr<long>(from).Value); // the slab is empty, and still there
            return SlabMoveReply.DontKnow;
        };
        Assert.Equal(1, _cache.Consolidate().SlabsDiscarded);
        CheckCounts(_fuller.Length);
    }

    [Fact]
    public void ItMayUseCaches_AndItsOwn_AndAskForAPass()
    {
        KmemCache other = _runtime.CreateCache("other", 100);
        _objects.Reply = _ =>
        {
            other.Free(other.Alloc());
            _cache.Free(_cache.Alloc());
            _runtime.Shrink();
            Assert.Equal(default, _cache.Consolidate());
            return SlabMoveReply.Yes;
        };
        Assert.Equal(new SlabConsolidation(2, 1, Page.Size), _cache.Consolidate());
        CheckCounts(_fuller.Length + 2);
    }

    [Fact]
    public void ItMayDestroyItsCache()
    {
        nint destination = 0;
        KmemCache cache = null!;
        cache = NewCacheOfTwoSlabs((from, to) =>
        {
            destination = to;
            Assert.Contains(from, cache.Destroy().Addresses);
            return SlabMoveReply.Later;
        }, out List<nint> objects);

        Assert.Equal(default, cache.Consolidate());
        Assert.Throws<ObjectDisposedException>(() => cache.Consolidate());
        Assert.Equal(objects.Count, cache.Slabs.InUse);
        Assert.DoesNotContain(destination, objects);
        cache.Slabs.Give([.. objects]); // a destroyed cache takes nothing back: what leaked is put right here
        cache.Slabs.DiscardEmpty();
    }

    [Fact]
    public void WithoutACallback_ACacheCannotBeConsolidated()
    {
        KmemCache cache = _runtime.CreateCache("plain", 64);
        Assert.Contains("'plain'", Assert.Throws<InvalidOperationException>(() => cache.Consolidate()).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentNullException>(() => cache.SetMove(null!));
        Assert.Contains("'o'", Assert.Throws<InvalidOperationException>(() => _cache.SetMove((_, _) => SlabMoveReply.No)).Message, StringComparison.Ordinal);
        cache.Destroy();
        Assert.Throws<ObjectDisposedException>(() => cache.SetMove((_, _) => SlabMoveReply.No));
        Assert.Throws<ObjectDisposedException>(() => cache.Consolidate());
    }

    private static void OnAnotherThread(Action action)
    {
        var threads = new TestThreads();
        threads.Start(action);
        threads.Join();
    }

    /// <summary>A cache with a slab that lacks a few objects and one that has one.</summary>
    private KmemCache NewCacheOfTwoSlabs(SlabMove move, out List<nint> objects)
    {
        KmemCache cache = _runtime.CreateCache("two", 64, s_noCaching);
        cache.SetMove(move);
        nint[] all = new nint[2 * Page.Size / 64];
        cache.AllocBulk(all);
        Array.Sort(all);
        objects = [.. all[..50], all[^1]];
        cache.FreeBulk([.. all.Except(objects)]);
        return cache;
    }

    private void CheckCounts(int live)
    {
        Assert.Equal(live, _objects.Count);
        Assert.Equal(live, _cache.Snapshot().LiveObjects);
        _objects.CheckAll();
    }
}
