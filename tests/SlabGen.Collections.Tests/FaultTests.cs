namespace SlabGen.Collections.Tests;

/// <summary>Memory that runs out, comparers that throw, hash codes that lie: the collection is as it was, or whole.</summary>
public sealed class FaultTests
{
    /// <summary>Each allocation of a long life fails once, alone; and from each on, all of them.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Every_allocation_of_a_dictionary_fails_in_turn(bool fromThenOn)
    {
        for (int nth = 0, failed = 1; failed > 0; nth++)
        {
            using var world = new World(isChecked: true);
            using var dictionary = new SlabDictionary<long, long>(world.Memory);
            var there = new HashSet<long>();
            using (var fail = new FailAllocations(nth, fromThenOn))
            {
                for (long key = 0; key < 3000; key++)
                {
                    if (dictionary.TryAdd(key, -key, out bool exists))
                    {
                        there.Add(key);
                    }

                    Assert.False(exists);
                    Assert.Equal(there.Count, dictionary.Count);
                }

                for (long key = 0; key < 3000; key += 3)
                {
                    Assert.Equal(there.Remove(key), dictionary.Remove(key));
                }

                failed = fail.HasFailed ? 1 : 0;
            }

            Assert.Equal(there.Count, dictionary.Count);
            Assert.All(there, key => Assert.Equal(-key, dictionary[key]));
            dictionary.Add(-1, 1); // goes on
        }
    }

    /// <summary>By the runtime's own faults: every page that a life of all of them asks for is refused in turn.</summary>
    [Fact]
    public void Every_page_of_all_collections_is_refused_in_turn()
    {
        for (long nth = 0, failed = 1; failed > 0; nth += 1 + (nth / 3))
        {
            using var world = new World(isChecked: false);
            using var list = new SlabList<long>(world.Memory);
            using var queue = new SlabQueue<long>(world.Memory);
            using var stack = new SlabStack<long>(world.Memory);
            using var dictionary = new SlabDictionary<long, long>(world.Memory);
            using var sorted = new SlabSortedMap<long, long>(world.Memory);
            using var map = new SlabByteMap<long>(world.Memory);
            (int listed, int queued, int stacked) = (0, 0, 0);
            (List<long> keys, List<long> ordered, List<long> mapped) = ([], [], []);
            using (FaultInjection pages = world.Runtime.Faults.Inject(
                FaultPoint.Pages, new FaultAttributes { Space = nth, ThisThreadOnly = true, Times = 3 }))
            {
                for (long i = 0; i < 6000; i++)
                {
                    listed += list.TryAdd(listed) ? 1 : 0;
                    queued += queue.TryEnqueue(queued) ? 1 : 0;
                    stacked += stack.TryPush(stacked) ? 1 : 0;
                    AddIf(dictionary.TryAdd(i, i, out _), keys, i);
                    AddIf(sorted.TryAdd(i, i, out _), ordered, i);
                    AddIf(map.TryAdd(BitConverter.GetBytes(i), i, out _), mapped, i);
                }

                failed = pages.Failed;
            }

            Assert.Equal(Numbers(listed), list);
            Assert.Equal(Numbers(queued), queue);
            Assert.Equal(Numbers(stacked).Reverse(), stack);
            Assert.Equal(keys, dictionary.Select(entry => entry.Key).Order());
            Assert.Equal(ordered, sorted.Select(entry => entry.Key));
            Assert.All(mapped, key => Assert.Equal(key, map[BitConverter.GetBytes(key)]));
            Assert.Equal(mapped.Count, map.Count);
        }

        static IEnumerable<long> Numbers(int count) => Enumerable.Range(0, count).Select(i => (long)i);

        static void AddIf(bool added, List<long> keys, long key)
        {
            if (added)
            {
                keys.Add(key);
            }
        }
    }

    [Fact]
    public void A_full_account_refuses_an_addition_and_nothing_is_lost()
    {
        using var world = new World(isChecked: false, accountLimit: 1 << 20);
        using var dictionary = new SlabDictionary<long, long>(world.Memory);
        long added = 0;
        while (dictionary.TryAdd(added, added, out bool exists))
        {
            Assert.False(exists);
            added++;
        }

        Assert.InRange(added, 20_000, 65_536);
        Assert.Equal(added, dictionary.Count);
        OutOfMemoryException error = Assert.Throws<OutOfMemoryException>(() => dictionary.Add(-1, 0));
        Assert.Contains("'test'", error.Message, StringComparison.Ordinal);
        for (long key = 0; key < added; key++)
        {
            Assert.Equal(key, dictionary[key]);
        }

        for (long key = 0; key < added; key++)
        {
            Assert.True(dictionary.Remove(key));
        }

        Assert.True(dictionary.TryAdd(-1, 0));
    }

    [Fact]
    public void A_list_refuses_what_the_account_has_no_room_for()
    {
        using var world = new World(isChecked: false, accountLimit: 1 << 20);
        using var list = new SlabList<long>(world.Memory);
        while (list.TryAdd(list.Count))
        {
        }

        Assert.InRange(list.Count, 30_000, 131_072);
        int count = list.Count;
        Assert.False(list.TryAddRange(new long[200_000]));
        Assert.Throws<OutOfMemoryException>(() => list.EnsureCapacity(1 << 20));
        Assert.Equal(Enumerable.Range(0, count).Select(i => (long)i), list);
    }

    /// <summary>A comparer throws at each of its calls in turn; also while the table moves others' keys.</summary>
    [Fact]
    public void A_comparer_that_throws_changes_nothing()
    {
        int left = int.MaxValue;
        var comparer = new DictionaryModelTests.Codes(key => left-- == 0 ? throw new FormatException("at " + key) : key * 7);
        for (int nth = 0; nth < 600; nth += 1 + (nth / 40))
        {
            using var world = new World(isChecked: true);
            using var dictionary = new SlabDictionary<int, int>(world.Memory, comparer);
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
            Assert.Equal(there.Order(), dictionary.Select(entry => entry.Key).Order());
            Assert.All(there, key => Assert.True(dictionary.Remove(key)));
            Assert.Empty(dictionary);
        }
    }

    /// <summary>As a key would that is changed by reference. What is lost to look-ups is still there, and freed.</summary>
    [Fact]
    public void Hash_codes_that_change_break_no_memory()
    {
        using var world = new World(isChecked: true);
        var random = new Random(5);
        var comparer = new DictionaryModelTests.Codes(_ => random.Next());
        using var dictionary = new SlabDictionary<int, int>(world.Memory, comparer);
        for (int key = 0; key < 5000; key++)
        {
            dictionary[key] = key;
            dictionary.Remove(key / 2);
        }

        Assert.Equal(dictionary.Count, dictionary.Count(entry => entry.Key == entry.Value));
    }

    [Fact]
    public void Hash_codes_that_all_collide_are_slow_and_right()
    {
        using var world = new World(isChecked: false);
        using var dictionary = new SlabDictionary<int, int>(world.Memory, new DictionaryModelTests.Codes(_ => 1));
        for (int key = 0; key < 4000; key++)
        {
            dictionary.Add(key, key);
        }

        for (int key = 3999; key >= 0; key--)
        {
            Assert.True(dictionary.Remove(key, out int value) && value == key);
        }
    }

    [Fact]
    public void A_table_filled_in_the_order_of_another_is_as_fast()
    {
        using var world = new World(isChecked: false);
        using var first = new SlabDictionary<int, int>(world.Memory);
        using var second = new SlabDictionary<int, int>(world.Memory);
        for (int key = 0; key < 200_000; key++)
        {
            first.Add(key, key);
        }

        // Without a seed of its own the second would have all of it in its first groups: hours, not milliseconds.
        foreach ((int key, int value) in first)
        {
            second.Add(key, value);
        }

        Assert.Equal(first.Count, second.Count);
    }
}
