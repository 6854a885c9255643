namespace SlabGen.Collections.Tests.Concurrent;

/// <summary>What one thread sees of an <see cref="RcuDictionary{TKey, TValue}"/> that no model shows: faults, life, misuse.</summary>
public sealed class RcuDictionaryTests
{
    /// <summary>Each allocation of a long life fails once, alone; and from each on, all of them.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Every_allocation_fails_in_turn(bool fromThenOn)
    {
        bool failed = true;
        for (int nth = 0; failed; nth += 1 + (nth / 8))
        {
            using var world = new World(isChecked: true);
            using var dictionary = new RcuDictionary<int, long>(world.Memory, new DictionaryModelTests.Codes(key => key & 63), 1);
            var there = new HashSet<int>();
            using (var fail = new FailAllocations(nth, fromThenOn))
            {
                for (int key = 0; key < 300; key++)
                {
                    if (dictionary.TryAdd(key, -key, out bool exists))
                    {
                        there.Add(key);
                    }

                    Assert.False(exists);
                    Assert.Equal(there.Count, dictionary.Count);
                }

                for (int key = 0; key < 300; key++)
                {
                    Assert.Equal(key % 5 != 0 && there.Remove(key), key % 5 != 0 && dictionary.Remove(key));
                }

                failed = fail.HasFailed;
            }

            Assert.All(there, key => Assert.Equal(-key, dictionary[key]));
            Assert.Equal(there.Count, dictionary.Count);
            dictionary.Add(-1, 1); // goes on
        }
    }

    [Fact]
    public void A_comparer_that_throws_changes_nothing()
    {
        int left = int.MaxValue;
        var comparer = new DictionaryModelTests.Codes(key => left-- == 0 ? throw new FormatException("at " + key) : key * 7);
        for (int nth = 0; nth < 900; nth += 1 + (nth / 20))
        {
            using var world = new World(isChecked: true);
            using var dictionary = new RcuDictionary<int, int>(world.Memory, comparer, 1);
            var there = new HashSet<int>();
            left = nth;
            for (int key = 0; key < 200; key++)
            {
                try
                {
                    dictionary.Add(key, key);
                    there.Add(key);
                }
                catch (FormatException)
                {
                    Assert.Equal(there.Count, dictionary.Count);
                }
            }

            left = int.MaxValue;
            Assert.All(there, key => Assert.True(dictionary.Remove(key, out int value) && value == key));
            Assert.Equal(0, dictionary.Count);
        }
    }

    /// <summary>What is lost to look-ups is still there, and freed.</summary>
    [Fact]
    public void Hash_codes_that_change_break_no_memory()
    {
        using var world = new World(isChecked: true);
        var random = new Random(5);
        using var dictionary = new RcuDictionary<int, int>(world.Memory, new DictionaryModelTests.Codes(_ => random.Next()), 2);
        for (int key = 0; key < 3000; key++)
        {
            dictionary[key] = key;
            dictionary.Remove(key / 2);
        }

        dictionary.TrimExcess();
        Assert.InRange(dictionary.Count, 1, 3000);
    }

    [Fact]
    public void A_full_account_refuses_and_nothing_is_lost()
    {
        using var world = new World(isChecked: false, accountLimit: 1 << 20);
        using var dictionary = new RcuDictionary<long, long>(world.Memory, null, 2);
        long added = 0;
        while (dictionary.TryAdd(added, added, out bool exists))
        {
            Assert.False(exists);
            added++;
        }

        Assert.InRange(added, 10_000, 65_536);
        Assert.Contains("'test'", Assert.Throws<OutOfMemoryException>(() => dictionary.Add(-1, 0)).Message, StringComparison.Ordinal);
        for (long key = 0; key < added; key++)
        {
            Assert.Equal(key, dictionary[key]);
        }

        for (long key = 0; key < added; key++)
        {
            Assert.True(dictionary.Remove(key));
        }

        Rcu.Barrier();
        Assert.True(dictionary.TryAdd(-1, 0));
    }

    [Fact]
    public void Removal_gives_the_memory_back_as_it_goes()
    {
        using var world = new World(isChecked: false);
        using var dictionary = new RcuDictionary<long, long>(world.Memory, null, 4);
        const int Entries = 100_000;
        for (long key = 0; key < Entries; key++)
        {
            dictionary.Add(key, key);
        }

        Assert.InRange((double)dictionary.Bytes / Entries, 16 + 10, 16 + 45);
        for (long key = 0; key < Entries; key++)
        {
            Assert.True(dictionary.Remove(key));
            Assert.True(dictionary.Bytes <= (dictionary.Count * 200) + (64 << 10), $"{dictionary.Bytes} bytes for {dictionary.Count} entries");
        }

        Assert.InRange(dictionary.Bytes, 0, 4 * 64);
    }

    [Fact]
    public void Misuse_is_found()
    {
        using var world = new World(isChecked: true);
        var dictionary = new RcuDictionary<int, int>(world.Memory, null, 1);
        dictionary.Add(1, 1);
        Assert.Throws<InvalidOperationException>(() => dictionary.GetValueRefOrNullRef(1));
        Assert.Throws<ArgumentException>(() => dictionary.Add(1, 2));
        Assert.Throws<KeyNotFoundException>(() => dictionary[2]);
        Assert.Throws<ArgumentOutOfRangeException>(() => dictionary.EnsureCapacity(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RcuDictionary<int, int>(world.Memory, null, -1));
        Assert.Throws<ArgumentNullException>(() => new RcuDictionary<int, int>(ownsMemory: true));
        Assert.Throws<ArgumentException>(() => dictionary.TryGetValues([1, 2], new int[1], new bool[2]));
        using (Rcu.Read())
        {
            Assert.Throws<InvalidOperationException>(dictionary.Dispose);
            Assert.Equal(1, dictionary.GetValueRefOrNullRef(1));
        }

        dictionary.Dispose();
        dictionary.Dispose();
        Assert.Throws<ObjectDisposedException>(() => dictionary.ContainsKey(1));
        Assert.Throws<ObjectDisposedException>(() => dictionary.TryAdd(1, 1));
        Assert.Throws<ObjectDisposedException>(() => dictionary.Remove(1));
        Assert.Throws<ObjectDisposedException>(() => dictionary.GetEnumerator());
    }

    /// <summary>As it would be called while the table moves: under the lock.</summary>
    [Fact]
    public void A_comparer_that_writes_its_own_dictionary_is_refused()
    {
        using var world = new World(isChecked: false);
        RcuDictionary<int, int>? dictionary = null;
        bool writes = false;
        var comparer = new WritingComparer(() => writes && dictionary!.TryAdd(77, 7));
        using (dictionary = new RcuDictionary<int, int>(world.Memory, comparer, 1))
        {
            dictionary.Add(1, 1);
            writes = true;
            Assert.Throws<InvalidOperationException>(() => dictionary.Remove(1));
            writes = false;
            Assert.Equal(1, dictionary[1]);
        }
    }

    [Fact]
    public void Memory_of_its_own_ends_with_it()
    {
        using var world = new World(isChecked: true);
        Kmalloc owned = world.Runtime.CreateKmalloc("owned");
        var dictionary = new RcuDictionary<int, long>(owned, ownsMemory: true);
        for (int key = 0; key < 10_000; key++)
        {
            dictionary[key] = key;
            dictionary[key] = -key;
        }

        dictionary.Dispose();
        Assert.Throws<ObjectDisposedException>(() => owned.Alloc(8));
    }

    [Fact]
    public void A_runtime_that_ended_before_is_no_error()
    {
        var runtime = new SlabRuntime();
        var dictionary = new RcuDictionary<int, int>(runtime.Kmalloc);
        runtime.Dispose();
        dictionary.Dispose();
    }

    [Fact]
    public void Look_ups_make_no_garbage()
    {
        using var world = new World(isChecked: false);
        using var dictionary = new RcuDictionary<long, long>(world.Memory);
        for (long key = 0; key < 1000; key++)
        {
            dictionary.Add(key, key);
        }

        Assert.Equal(499_500, Sum());
        long before = GC.GetAllocatedBytesForCurrentThread();
        long sum = Sum();
        foreach (KeyValuePair<long, long> entry in dictionary)
        {
            sum -= entry.Value;
        }

        long after = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal(0, sum);
        Assert.Equal(before, after);

        long Sum()
        {
            long all = 0;
            for (long key = 0; key < 1000; key++)
            {
                all += dictionary[key];
            }

            return all;
        }
    }

    private sealed class WritingComparer(Func<bool> onEquals) : IEqualityComparer<int>
    {
        public bool Equals(int x, int y)
        {
            onEquals();
            return x == y;
        }

        public int GetHashCode(int obj) => obj;
    }
}
