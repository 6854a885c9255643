namespace SlabGen.Collections.Tests;

/// <summary>Memory comes as a collection grows, and goes as it shrinks and at its end.</summary>
public sealed class LifeTests
{
    [Fact]
    public void An_empty_collection_has_no_block()
    {
        using var world = new World(isChecked: false);
        using var list = new SlabList<int>(world.Memory);
        using var dictionary = new SlabDictionary<int, int>(world.Memory);
        using var set = new SlabSet<int>(world.Memory);
        using var map = new SlabByteMap(world.Memory);
        Assert.False(dictionary.ContainsKey(1) || set.Contains(1) || map.ContainsKey("k"u8) || list.Contains(1));
        Assert.False(dictionary.Remove(1) || set.Remove(1) || map.Remove("k"u8));
        Assert.Equal(0, world.LiveBlocks);
    }

    [Fact]
    public void Removal_gives_the_memory_back_as_it_goes()
    {
        using var world = new World(isChecked: false);
        using var dictionary = new SlabDictionary<long, long>(world.Memory);
        const int Entries = 300_000;
        for (long key = 0; key < Entries; key++)
        {
            dictionary.Add(key, key);
        }

        long full = dictionary.Bytes;
        Assert.InRange((double)full / Entries, 16, 41);
        for (long key = 0; key < Entries; key++)
        {
            Assert.True(dictionary.Remove(key));
            long most = Math.Max(8192, dictionary.Count * 100L) + (512 << 10);
            Assert.True(dictionary.Bytes <= most, $"{dictionary.Bytes} bytes for {dictionary.Count} entries");
        }

        Assert.InRange(dictionary.Bytes, 0, 512);
    }

    [Fact]
    public void Capacity_that_was_asked_for_stays_until_it_is_trimmed()
    {
        using var world = new World(isChecked: false);
        using var dictionary = new SlabDictionary<long, long>(world.Memory);
        Assert.True(dictionary.EnsureCapacity(10_000) >= 10_000);
        long bytes = dictionary.Bytes;
        for (int round = 0; round < 3; round++)
        {
            for (long key = 0; key < 10_000; key++)
            {
                dictionary.Add(key, key);
            }

            for (long key = 0; key < 10_000; key++)
            {
                dictionary.Remove(key);
            }
        }

        Assert.InRange(dictionary.Bytes, bytes, bytes * 5 / 4); // with some groups behind the last home
        dictionary.TrimExcess();
        Assert.Equal(0, dictionary.Bytes);
    }

    [Fact]
    public void Steady_state_makes_no_garbage()
    {
        using var world = new World(isChecked: false);
        using var dictionary = new SlabDictionary<long, long>(world.Memory);
        using var map = new SlabByteMap<long>(world.Memory);
        using var list = new SlabList<long>(world.Memory);
        Turn();
        long before = GC.GetAllocatedBytesForCurrentThread();
        Turn();
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());

        void Turn()
        {
            Span<byte> bytes = stackalloc byte[8];
            for (long key = 0; key < 20_000; key++)
            {
                BitConverter.TryWriteBytes(bytes, key);
                dictionary.Add(key, key);
                map.Add(bytes, key);
                list.Add(key);
            }

            long sum = 0;
            foreach ((long key, long value) in dictionary)
            {
                sum += key + value;
            }

            foreach (SlabByteMap<long>.Entry entry in map)
            {
                sum += entry.Value;
            }

            for (long key = 0; key < 20_000; key++)
            {
                BitConverter.TryWriteBytes(bytes, key);
                dictionary.Remove(key);
                map.Remove(bytes);
                list.RemoveLast(1);
            }

            Assert.True(sum > 0);
        }
    }

    /// <summary>Disposal is by the few large blocks, not by the entries; and with memory of its own a map has no walk either.</summary>
    [Fact]
    public void Memory_of_its_own_ends_with_the_collection()
    {
        using var world = new World(isChecked: true);
        Kmalloc owned = world.Runtime.CreateKmalloc("owned");
        var map = new SlabByteMap(owned, ownsMemory: true);
        for (int i = 0; i < 10_000; i++)
        {
            map.Set(BitConverter.GetBytes(i), "value"u8);
        }

        map.Clear();
        Assert.Equal(0, map.Bytes);
        Assert.Equal(0, owned.Snapshot().LiveBlocks);
        map.Set("once"u8, "more"u8);
        map.Dispose();
        Assert.Throws<ObjectDisposedException>(() => owned.Alloc(8));
    }

    /// <summary>Each is a small object, and what it takes of the memory it gives back.</summary>
    [Fact]
    public void Many_small_collections_are_made_and_disposed()
    {
        int many = Environment.GetEnvironmentVariable("SLABGEN_MANY_COLLECTIONS") is { } text
            ? int.Parse(text, System.Globalization.CultureInfo.InvariantCulture) : 20_000;
        using var world = new World(isChecked: false);
        var lists = new SlabList<int>[1000];
        var dictionaries = new SlabDictionary<int, int>[lists.Length];
        for (int i = 0; i < many; i++)
        {
            int at = i % lists.Length;
            lists[at]?.Dispose();
            dictionaries[at]?.Dispose();
            lists[at] = new SlabList<int>(world.Memory) { i };
            dictionaries[at] = new SlabDictionary<int, int>(world.Memory) { { i, i } };
        }

        Assert.Equal(lists.Length * 4, world.LiveBlocks);
        Array.ForEach(lists, list => list.Dispose());
        Array.ForEach(dictionaries, dictionary => dictionary.Dispose());
        Assert.Equal(0, world.LiveBlocks);
    }

    [Fact]
    public void References_into_a_list_stay_valid_as_it_grows()
    {
        using var world = new World(isChecked: false);
        using SlabList<long> list = [1, 2, 3];
        ref long first = ref list[0];
        for (int i = 0; i < 100_000; i++)
        {
            list.Add(i);
        }

        first = 77;
        Assert.Equal(77, list[0]);
    }

    [Fact]
    public void A_runtime_that_ended_before_its_collections_is_no_error_at_their_disposal()
    {
        var runtime = new SlabRuntime();
        var list = new SlabList<int>(runtime.Kmalloc);
        var map = new SlabByteMap(runtime.Kmalloc);
        runtime.Dispose();
        list.Dispose();
        map.Dispose();
    }
}
