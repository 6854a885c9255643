namespace SlabGen.Collections.Tests;

/// <summary>What is done wrong with a collection is found: some of it always, the rest in checked mode.</summary>
public sealed class MisuseTests
{
    [Fact]
    public void Use_after_disposal_throws_in_checked_mode()
    {
        using var world = new World(isChecked: true);
        var list = new SlabList<int>(world.Memory);
        var dictionary = new SlabDictionary<int, int>(world.Memory);
        var set = new SlabSet<int>(world.Memory);
        var map = new SlabByteMap<int>(world.Memory);
        var bytes = new SlabByteMap(world.Memory);
        list.Dispose();
        dictionary.Dispose();
        set.Dispose();
        map.Dispose();
        bytes.Dispose();
        Assert.Throws<ObjectDisposedException>(() => list[0]);
        Assert.Throws<ObjectDisposedException>(() => list.Add(1));
        Assert.Throws<ObjectDisposedException>(() => list.GetEnumerator());
        Assert.Throws<ObjectDisposedException>(() => dictionary.ContainsKey(1));
        Assert.Throws<ObjectDisposedException>(() => dictionary.Remove(1));
        Assert.Throws<ObjectDisposedException>(() => dictionary[1] = 2);
        Assert.Throws<ObjectDisposedException>(() => set.Contains(1));
        Assert.Throws<ObjectDisposedException>(() => set.Clear());
        Assert.Throws<ObjectDisposedException>(() => map.ContainsKey("k"u8));
        Assert.Throws<ObjectDisposedException>(() => map.TryAdd("k"u8, 1));
        Assert.Throws<ObjectDisposedException>(() => bytes.TryGetValue("k"u8, out _));
        Assert.Throws<ObjectDisposedException>(() => bytes.Set("k"u8, "v"u8));
    }

    [Fact]
    public void A_disposed_collection_is_empty_and_takes_nothing_without_checks()
    {
        using var world = new World(isChecked: false);
        var list = new SlabList<int>(world.Memory) { 1, 2, 3 };
        var dictionary = new SlabDictionary<int, int>(world.Memory) { { 1, 2 } };
        var map = new SlabByteMap<int>(world.Memory);
        map.Add("k"u8, 1);
        list.Dispose();
        dictionary.Dispose();
        map.Dispose();
        map.Dispose();
        Assert.Equal(0, world.LiveBlocks);
        Assert.Empty(list);
        Assert.False(dictionary.ContainsKey(1));
        Assert.False(map.ContainsKey("k"u8));
        Assert.Throws<ObjectDisposedException>(() => list.Add(1));
        Assert.Throws<ObjectDisposedException>(() => dictionary.TryAdd(1, 1));
        Assert.Throws<ObjectDisposedException>(() => map.TryAdd("k"u8, 1));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_change_ends_an_enumeration(bool isChecked)
    {
        using var world = new World(isChecked);
        using var list = new SlabList<int>(world.Memory) { 1, 2, 3 };
        using var dictionary = new SlabDictionary<int, int>(world.Memory) { { 1, 1 }, { 2, 2 } };
        using var set = new SlabSet<int>(world.Memory) { 1, 2 };
        Assert.Throws<InvalidOperationException>(() => Walk(list, () => list.Add(4)));
        Assert.Throws<InvalidOperationException>(() => Walk(list, () => list.RemoveLast(1)));
        Assert.Throws<InvalidOperationException>(() => Walk(dictionary, () => dictionary.Remove(1)));
        Assert.Throws<InvalidOperationException>(() => Walk(dictionary, () => dictionary.Add(4, 4)));
        Assert.Throws<InvalidOperationException>(() => Walk(set, () => set.Add(5)));
        Walk(dictionary, () => dictionary[2] = 3); // moves nothing
        Walk(dictionary, () => dictionary.Remove(77)); // nor does this
        Assert.Throws<ObjectDisposedException>(() => Walk(set, set.Dispose));

        static void Walk<T>(IEnumerable<T> items, Action change)
        {
            foreach (T _ in items)
            {
                change();
            }
        }
    }

    [Fact]
    public void A_second_thread_is_found_in_checked_mode()
    {
        using var world = new World(isChecked: true);
        using var inside = new ManualResetEventSlim();
        using var done = new ManualResetEventSlim();
        var comparer = new DictionaryModelTests.Codes(key =>
        {
            if (key == 99)
            {
                inside.Set();
                done.Wait(TestContext.Current.CancellationToken);
            }

            return key;
        });
        using var dictionary = new SlabDictionary<int, int>(world.Memory, comparer) { { 1, 1 } };
        var writer = new Thread(() => dictionary.Add(99, 1));
        writer.Start();
        inside.Wait(TestContext.Current.CancellationToken);
        try
        {
            Assert.Throws<InvalidOperationException>(() => dictionary.ContainsKey(1));
            Assert.Throws<InvalidOperationException>(() => dictionary.Add(2, 2));
            Assert.Throws<InvalidOperationException>(dictionary.Dispose);
        }
        finally
        {
            done.Set();
            writer.Join();
        }

        Assert.Equal(2, dictionary.Count);
        Assert.True(dictionary.ContainsKey(99));
    }

    [Fact]
    public void A_comparer_that_changes_its_own_dictionary_is_found_in_checked_mode()
    {
        using var world = new World(isChecked: true);
        SlabDictionary<int, int>? dictionary = null;
        using (dictionary = new SlabDictionary<int, int>(world.Memory, new DictionaryModelTests.Codes(key => key == 5 ? dictionary!.Count + Change() : key)))
        {
            Assert.Throws<InvalidOperationException>(() => dictionary.Add(5, 1));
            Assert.Empty(dictionary);
            dictionary.Add(6, 1);
        }

        int Change()
        {
            dictionary!.Add(7, 7);
            return 0;
        }
    }

    [Fact]
    public void A_leak_is_told_at_the_end_of_the_memory()
    {
        using var runtime = new SlabRuntime(new SlabRuntimeOptions { Checked = true });
        Kmalloc memory = runtime.CreateKmalloc("leaky");
        var dictionary = new SlabDictionary<int, int>(memory) { { 1, 1 } };
        LeakReport leaks = memory.Destroy();
        Assert.False(leaks.IsClean);
        Assert.Equal("leaky", leaks.CacheName);
        dictionary.Dispose(); // its memory is gone: no error
    }

    [Fact]
    public void Bad_arguments_are_named()
    {
        using var world = new World(isChecked: false);
        using var list = new SlabList<int>(world.Memory) { 1 };
        using var dictionary = new SlabDictionary<int, int>(world.Memory) { { 1, 1 } };
        using var map = new SlabByteMap<int>(world.Memory);
        map.Add("key"u8, 1);
        Assert.Contains("1 items", Assert.Throws<ArgumentOutOfRangeException>(() => list[1]).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => list.RemoveLast(2));
        Assert.Throws<ArgumentOutOfRangeException>(() => list.Insert(3, 1));
        Assert.Throws<ArgumentException>(() => list.CopyTo([]));
        Assert.Throws<ArgumentOutOfRangeException>(() => dictionary.EnsureCapacity(-1));
        Assert.Contains("'1'", Assert.Throws<ArgumentException>(() => dictionary.Add(1, 2)).Message, StringComparison.Ordinal);
        Assert.Contains("'2'", Assert.Throws<KeyNotFoundException>(() => dictionary[2]).Message, StringComparison.Ordinal);
        Assert.Contains("'key'", Assert.Throws<ArgumentException>(() => map.Add("key"u8, 2)).Message, StringComparison.Ordinal);
        Assert.Contains("'nil'", Assert.Throws<KeyNotFoundException>(() => map["nil"u8]).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => new SlabByteMap(world.Memory, (SlabByteComparison)7));
        Assert.Throws<ArgumentNullException>(() => new SlabSet<int>(null, ownsMemory: true));
    }
}
