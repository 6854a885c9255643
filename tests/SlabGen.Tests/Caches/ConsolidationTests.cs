using SlabGen.Memory;

namespace SlabGen.Tests.Caches;

/// <summary>The survivors of sparse slabs move together, the slabs go, and nothing moves that does not free one.</summary>
public sealed class ConsolidationTests
{
    [Theory]
    [InlineData(64, false)]
    [InlineData(64, true)]
    [InlineData(24, false)]
    [InlineData(1000, false)]
    public void SurvivorsOfSparseSlabs_TakeLittleMoreThanTheirBytes(int size, bool isChecked)
    {
        using SlabRuntime runtime = TestRuntime.OfPages(20_000);
        KmemCache cache = runtime.CreateCache("o", size, new SlabCacheOptions { Checked = isChecked });
        var objects = new MovableObjects(cache);
        objects.MakeSparse(count: 50_000, oneIn: 64);
        cache.Shrink();
        CacheSnapshot before = cache.Snapshot();
        long committed = runtime.CommittedBytes;

        SlabConsolidation done = cache.Consolidate();

        CacheSnapshot after = cache.Snapshot();
        long live = objects.Count * (long)size;
        Assert.True(after.Bytes <= 1.3 * live + before.SlabBytes, $"{after.Bytes} bytes for {live} live ones: {after}");
        Assert.Equal(before.Slabs - after.Slabs, done.SlabsDiscarded);
        Assert.Equal(before.Bytes - after.Bytes, done.BytesDiscarded);
        long hollow = before.HollowBytes - after.HollowBytes; // of the slabs, what Shrink had given back already
        Assert.True(runtime.CommittedBytes <= committed - done.BytesDiscarded + hollow, $"{committed} bytes became {runtime.CommittedBytes}, though {done.BytesDiscarded} were released, {hollow} of them before.");
        Assert.InRange(done.ObjectsMoved, 1, objects.Count);
        Assert.Equal(done.ObjectsMoved, objects.Asked.Count);
        Assert.Equal(objects.Count, after.LiveObjects);
        objects.CheckAll();
        objects.FreeAll();
        Assert.False(cache.Shrink());
    }

    [Fact]
    public void WhileASlabIsEmptied_ItsFreeObjectsAreNobodys_AndAConstructedCacheGrows()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(1000);
        KmemCache cache = runtime.CreateCache<long, Constructed>("o", new SlabCacheOptions { Checked = true, NoMagazines = true });
        var objects = new MovableObjects(cache);
        objects.MakeSparse(count: 512 * 3, oneIn: 100);
        var taken = new List<nint>();
        objects.Reply = _ =>
        {
            // All that is free but in the slab that is being emptied, and some of a new slab: neither fails, for there is memory.
            for (int i = 0; taken.Count < 512 * 4; i++)
            {
                Assert.True(cache.TryAlloc(out nint address), $"No object after {i}.");
                taken.Add(address);
            }

            return SlabMoveReply.Later;
        };
        cache.Consolidate();
        Assert.NotEmpty(objects.Asked);
        Assert.Equal(taken.Count, taken.Distinct().Count());
        taken.ForEach(cache.Free);
        objects.FreeAll();
        Assert.False(cache.Shrink());
    }

    private readonly struct Constructed : ISlabLife<long>
    {
        public static bool Construct(ref long value)
        {
            value = 0;
            return true;
        }

        public static void Destruct(ref long value)
        {
        }
    }

    [Fact]
    public void ASecondPass_FindsNothingToDo()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(2000);
        KmemCache cache = runtime.CreateCache("o", 64);
        var objects = new MovableObjects(cache);
        objects.MakeSparse(count: 20_000, oneIn: 10);
        Assert.True(cache.Consolidate().SlabsDiscarded > 0);
        objects.Asked.Clear();
        Assert.Equal(default, cache.Consolidate());
        Assert.Empty(objects.Asked);
        objects.FreeAll();
    }

    [Fact]
    public void NothingMoves_WhereItFreesNoSlab()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(100);
        KmemCache cache = runtime.CreateCache("o", 64, new SlabCacheOptions { Checked = true, NoMagazines = true });
        var objects = new MovableObjects(cache);
        int perSlab = Page.Size / 64;
        Assert.Equal(default, cache.Consolidate()); // no slab at all

        long[] keys = [.. Enumerable.Range(0, 2 * perSlab).Select(_ => objects.Alloc())];
        Assert.Equal(default, cache.Consolidate()); // all full
        foreach (long key in (long[])[.. keys[..(perSlab / 4)], .. keys[perSlab..(perSlab + (perSlab / 4))]])
        {
            objects.Free(key);
        }

        Assert.Equal(default, cache.Consolidate()); // two partial slabs, and neither can take the other's
        Assert.Empty(objects.Asked);
        Assert.Equal(2, cache.Snapshot().PartialSlabs);
        objects.FreeAll();
    }

    [Fact]
    public void TheSparsestSlab_GoesFirst_IntoTheFullest()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(100);
        KmemCache cache = runtime.CreateCache("o", 64, new SlabCacheOptions { Checked = true, NoMagazines = true });
        var objects = new MovableObjects(cache);
        int perSlab = Page.Size / 64;
        long[][] slabs = [.. Enumerable.Range(0, 4 * perSlab).Select(_ => objects.Alloc()).Chunk(perSlab)];
        int[] left = [perSlab - 3, 2, perSlab / 2, perSlab - 9];
        for (int i = 0; i < 4; i++)
        {
            Array.ForEach(slabs[i][left[i]..], objects.Free);
        }

        nint fullest = objects.AddressOf(slabs[0][0]) & -Page.Size;
        Assert.Equal(1, cache.Consolidate().SlabsDiscarded); // the half-full one has nowhere to go then
        Assert.Equal(slabs[1][..2].Order(), objects.Asked.Order());
        Assert.All(slabs[1][..2], key => Assert.Equal(fullest, objects.AddressOf(key) & -Page.Size));
        objects.FreeAll();
    }

    [Fact]
    public void WithConstructors_EveryObjectIsConstructedOnce_AndDestructedOnce()
    {
        Log.Reset();
        using SlabRuntime runtime = TestRuntime.OfPages(2000);
        KmemCache cache = runtime.CreateCache<Line, Life>("line");
        var table = new Dictionary<long, nint>();
        cache.SetMove((from, to) =>
        {
            unsafe
            {
                Line* old = (Line*)from, moved = (Line*)to;
                Assert.Equal(Life.Mark, moved->Mark);
                Assert.Equal(0, moved->Key);
                if (!table.TryGetValue(old->Key, out nint known) || known != from)
                {
                    return SlabMoveReply.DontKnow;
                }

                moved->Key = old->Key;
                old->Key = 0; // as it was constructed
                table[moved->Key] = to;
                return SlabMoveReply.Yes;
            }
        });

        for (int i = 1; i <= 10_000; i++)
        {
            nint address = cache.Alloc();
            new SlabPtr<Line>(address).Value.Key = i;
            table.Add(i, address);
        }

        for (int i = 1; i <= 10_000; i++)
        {
            if (i % 50 != 0)
            {
                table.Remove(i, out nint address);
                new SlabPtr<Line>(address).Value.Key = 0;
                cache.Free(address);
            }
        }

        Assert.True(cache.Consolidate().SlabsDiscarded > 10);
        CacheSnapshot after = cache.Snapshot();
        Assert.Equal(after.Objects, Log.Constructed - Log.Destructed);
        Assert.All(table, entry => Assert.Equal(entry.Key, new SlabPtr<Line>(entry.Value).Value.Key));
        foreach (nint address in table.Values)
        {
            new SlabPtr<Line>(address).Value.Key = 0;
            cache.Free(address);
        }

        Assert.False(cache.Shrink());
        Assert.Equal(Log.Constructed, Log.Destructed);
        Assert.Equal(0, Log.WrongEnds);
    }

    private struct Line
    {
        public long Mark, Key;
    }

    private static class Log
    {
        public static int Constructed { get; set; }

        public static int Destructed { get; set; }

        public static int WrongEnds { get; set; }

        public static void Reset() => (Constructed, Destructed, WrongEnds) = (0, 0, 0);
    }

    private readonly struct Life : ISlabLife<Line>
    {
        public const long Mark = 0x5AB;

        public static bool Construct(ref Line value)
        {
            value = new Line { Mark = Mark };
            Log.Constructed++;
            return true;
        }

        public static void Destruct(ref Line value)
        {
            Log.Destructed++;
            Log.WrongEnds += value is { Mark: Mark, Key: 0 } ? 0 : 1;
        }
    }
}
