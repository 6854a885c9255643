using KeyValueServer;
using KeyValueServer.Slabs;

namespace SlabGen.Samples.Tests.KeyValueServer;

/// <summary>Scans, eviction, expiry and clearing, of keyspaces that are large enough for several segments.</summary>
[Collection(Keyspaces.Name)]
public sealed class KeyspacePasses
{
    [Theory]
    [InlineData("slabs")]
    [InlineData("objects")]
    public void A_scan_sees_every_key_that_stays_while_the_table_grows_and_shrinks(string kind)
    {
        const int Staying = 2_000;
        using IKeyspace keys = Keyspaces.New(kind);
        for (int i = 0; i < Staying; i++)
        {
            keys.Set(Keyspaces.Bytes($"stays{i}"), [], 0);
        }

        int calls = 0;
        List<string> seen = Keyspaces.Scan(keys, 50, () =>
        {
            // 1000 keys come, and go again in later calls.
            bool comes = calls / 10 % 2 == 0;
            for (int i = 0; i < 100; i++)
            {
                byte[] key = Keyspaces.Bytes($"goes{(calls % 10 * 100) + i}");
                _ = comes ? keys.Set(key, [], 0) == Outcome.Done : keys.Remove(key);
            }

            Assert.True(++calls < 1_000);
        });

        Assert.Equal(Staying, seen.Where(key => key.StartsWith("stays", StringComparison.Ordinal)).Distinct().Count());
        Assert.True(calls > 20);
        if (kind == "slabs")
        {
            Assert.Equal(Staying, seen.Count(key => key.StartsWith("stays", StringComparison.Ordinal)));
        }
    }

    [Theory]
    [InlineData("slabs")]
    [InlineData("objects")]
    public void Eviction_takes_mostly_what_was_not_used_for_long(string kind)
    {
        using IKeyspace keys = Keyspaces.New(kind);
        keys.Now = 1_000_000;
        for (int i = 0; i < 4_000; i++)
        {
            keys.Set(Keyspaces.Bytes($"key{i}"), [1], 0);
        }

        keys.Now += 60_000;
        for (int i = 0; i < 1_000; i++)
        {
            Assert.Equal(Outcome.Done, keys.Get(Keyspaces.Bytes($"key{i}"), out _));
        }

        for (int i = 0; i < 2_000; i++)
        {
            Assert.True(keys.EvictOne());
        }

        // At random, half of the thousand would be left.
        int left = Enumerable.Range(0, 1_000).Count(i => keys.KindOf(Keyspaces.Bytes($"key{i}")) == Kind.String);
        Assert.InRange(left, 900, 1_000);
        Assert.Equal((2_000, 2_000L), (keys.Count, keys.Evicted));

        while (keys.EvictOne())
        {
        }

        Assert.Equal(0, keys.Count);
    }

    [Theory]
    [InlineData("slabs")]
    [InlineData("objects")]
    public void A_sweep_removes_what_expired_and_nobody_asked_for(string kind)
    {
        using IKeyspace keys = Keyspaces.New(kind);
        keys.Now = 1_000_000;
        for (int i = 0; i < 3_000; i++)
        {
            keys.Set(Keyspaces.Bytes($"key{i}"), [1], i % 3 == 0 ? keys.Now + 10 : 0);
        }

        keys.Sweep(10_000);
        Assert.Equal((3_000, 1_000), (keys.Count, keys.Volatile));
        keys.Now += 10;
        for (int i = 0; i < 5 && keys.Volatile > 0; i++)
        {
            keys.Sweep(10_000);
        }

        Assert.Equal((2_000, 0, 1_000L), (keys.Count, keys.Volatile, keys.Expired));
    }

    [Fact]
    public void Clearing_leaves_nothing_in_slabs_and_a_keyspace_that_works()
    {
        using IKeyspace keys = Keyspaces.New("slabs");
        for (int i = 0; i < 2_000; i++)
        {
            keys.Set(Keyspaces.Bytes($"key{i}"), new byte[i], 0);
            keys.Push(Keyspaces.Bytes($"list{i % 10}"), first: true, [1], out _);
            keys.SetField(Keyspaces.Bytes($"hash{i % 10}"), Keyspaces.Bytes($"field{i}"), [2], out _);
        }

        keys.Clear();

        Assert.Equal((0, 2L), (keys.Count, SlabKeyspace.CountLive())); // a table, and its segment
        Assert.Equal(Outcome.Done, keys.Set([1], [2], 0));
        Assert.Equal(Outcome.Done, keys.Get([1], out ReadOnlySpan<byte> value));
        Assert.Equal([2], value.ToArray());
    }

    [Fact]
    public void A_table_that_shrinks_gives_its_segments_back()
    {
        using IKeyspace keys = Keyspaces.New("slabs");
        long empty = keys.UsedBytes;
        for (int i = 0; i < 10_000; i++)
        {
            keys.Set(Keyspaces.Bytes($"key{i}"), [], 0);
        }

        // An entry, its key, and a bucket.
        Assert.InRange((keys.UsedBytes - empty) / 10_000.0, 48 + 16 + 8, 48 + 16 + 9);
        for (int i = 0; i < 10_000; i++)
        {
            keys.Remove(Keyspaces.Bytes($"key{i}"));
        }

        // The directory, and a first segment that never shrinks.
        Assert.InRange(keys.UsedBytes, empty, empty + 5_000);
    }
}
