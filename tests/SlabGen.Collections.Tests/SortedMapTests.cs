using System.Runtime.CompilerServices;

namespace SlabGen.Collections.Tests;

/// <summary>A sorted map's memory, its faults, and what is done wrong with it.</summary>
public sealed class SortedMapTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Every_allocation_of_a_sorted_map_fails_in_turn(bool fromThenOn)
    {
        for (int nth = 0, failed = 1; failed > 0; nth++)
        {
            using var world = new World(isChecked: true);
            using var map = new SlabSortedMap<SortedMapModelTests.Wide, int>(world.Memory);
            var there = new SortedSet<int>();
            using (var fail = new FailAllocations(nth, fromThenOn))
            {
                for (int i = 0; i < 300; i++)
                {
                    int number = i * 7919 % 1201;
                    if (map.TryAdd(new() { Number = number }, -number, out bool exists))
                    {
                        there.Add(number);
                    }

                    Assert.False(exists);
                    Assert.Equal(there.Count, map.Count);
                }

                failed = fail.HasFailed ? 1 : 0;
            }

            Assert.Equal(there, map.Select(entry => entry.Key.Number));
            Assert.All(there, number => Assert.Equal(-number, map[new() { Number = number }]));
            map[new() { Number = -1 }] = 1; // goes on
        }
    }

    /// <summary>At each of its calls in turn.</summary>
    [Fact]
    public void A_comparer_that_throws_changes_nothing()
    {
        int left = int.MaxValue;
        var order = Comparer<int>.Create((x, y) => left-- == 0 ? throw new FormatException("at " + x) : x.CompareTo(y));
        for (int nth = 0; nth < 3000; nth += 1 + (nth / 30))
        {
            using var world = new World(isChecked: true);
            using var map = new SlabSortedMap<int, int>(world.Memory, order);
            var there = new SortedSet<int>();
            left = nth;
            for (int i = 0; i < 200; i++)
            {
                int key = i * 7919 % 1201;
                try
                {
                    map.Add(key, key);
                    there.Add(key);
                    Assert.True(i % 3 > 0 || (map.Remove(key) && there.Remove(key)));
                }
                catch (FormatException)
                {
                    Assert.Equal(there.Count, map.Count);
                }
            }

            left = int.MaxValue;
            Assert.Equal(there, map.Select(entry => entry.Key));
            Assert.All(there, key => Assert.True(map.Remove(key)));
        }
    }

    [Fact]
    public void An_order_that_changes_breaks_no_memory()
    {
        using var world = new World(isChecked: true);
        var random = new Random(5);
        using var map = new SlabSortedMap<int, int>(world.Memory, Comparer<int>.Create((_, _) => random.Next(-1, 2)));
        for (int key = 0; key < 20_000; key++)
        {
            map.TryAdd(key, key);
            map.Remove(key / 2);
            map.TryGetFloor(key, out _, out _);
        }

        Assert.Equal(map.Count, map.Count(entry => entry.Key == entry.Value));
        Assert.Equal(map.Count, map.Reverse().Count());
    }

    [Fact]
    public void Numbers_that_are_none_have_their_place()
    {
        using var world = new World(isChecked: false);
        using var map = new SlabSortedMap<double, int>(world.Memory)
        {
            { 1, 1 }, { double.NaN, 2 }, { double.NegativeInfinity, 3 },
        };
        Assert.Equal([double.NaN, double.NegativeInfinity, 1], map.Select(entry => entry.Key));
        Assert.Equal(2, map[double.NaN]);
    }

    /// <summary>Keys in order, up and down, leave full nodes; removal in any order gives the memory back.</summary>
    [Theory]
    [InlineData(1, 18)]
    [InlineData(-1, 18)]
    [InlineData(7919, 26)]
    public void Memory_follows_the_entries(int step, int mostPerEntry)
    {
        using var world = new World(isChecked: false);
        using var map = new SlabSortedMap<long, long>(world.Memory);
        const int Entries = 100_003; // a prime, so that each step visits all
        for (long i = 0; i < Entries; i++)
        {
            map.Add(i * step % Entries, i);
        }

        Assert.True(map.Bytes <= Entries * mostPerEntry, $"{(double)map.Bytes / Entries} bytes per entry");
        for (long i = 0; i < Entries; i++)
        {
            Assert.True(map.Remove(i * 31 % Entries * step % Entries));
            Assert.True(map.Bytes <= 2048 + (map.Count * 60L), $"{map.Bytes} bytes for {map.Count} entries");
        }

        Assert.Equal((0L, 0L), (map.Bytes, world.LiveBlocks));
    }

    [Fact]
    public void Steady_state_of_a_sorted_map_makes_no_garbage()
    {
        using var world = new World(isChecked: false);
        using var map = new SlabSortedMap<long, long>(world.Memory);
        Turn();
        long before = GC.GetAllocatedBytesForCurrentThread();
        Turn();
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());

        void Turn()
        {
            for (long key = 0; key < 5000; key++)
            {
                map.Add(key * 7919 % 10_007, key);
            }

            long sum = 0;
            foreach ((long key, long value) in map.Between(100, 9000).Reverse())
            {
                sum += key - value;
            }

            for (long key = 0; key < 5000; key++)
            {
                map.Remove(key * 7919 % 10_007);
            }

            Assert.True(sum != 1);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_change_of_a_sorted_map_ends_an_enumeration(bool isChecked)
    {
        using var world = new World(isChecked);
        var map = new SlabSortedMap<int, int>(world.Memory) { { 1, 1 }, { 2, 2 }, { 3, 3 } };
        SlabSortedMap<int, int>.Enumerator walk = map.GetEnumerator();
        Assert.True(walk.MoveNext());
        walk.ValueRef = 7; // moves nothing
        Assert.True(walk.MoveNext());
        Assert.Equal(7, map[1]);
        map.Remove(9); // nor does this
        Assert.True(walk.MoveNext());
        map.Remove(1);
        Assert.Throws<InvalidOperationException>(() => walk.MoveNext());
        Assert.Throws<InvalidOperationException>(() => walk.ValueRef);
        walk = map.From(2).GetEnumerator();
        map.Add(1, 1);
        Assert.Throws<InvalidOperationException>(() => walk.MoveNext());
        walk = map.Reverse().GetEnumerator();
        map.Dispose();
        Assert.Throws<ObjectDisposedException>(() => walk.MoveNext());
        Assert.Equal(0, world.LiveBlocks);
    }

    [Fact]
    public void Misuse_of_a_sorted_map_is_found()
    {
        using var world = new World(isChecked: true);
        var map = new SlabSortedMap<int, int>(world.Memory) { { 1, 1 } };
        Assert.True(Unsafe.IsNullRef(ref map.GetValueRefOrNullRef(2)));
        Assert.Contains("'1'", Assert.Throws<ArgumentException>(() => map.Add(1, 2)).Message, StringComparison.Ordinal);
        Assert.Contains("'2'", Assert.Throws<KeyNotFoundException>(() => map[2]).Message, StringComparison.Ordinal);
        Assert.Contains("'7'", Assert.Throws<ArgumentException>(() => map.Between(7, 3)).Message, StringComparison.Ordinal);
        map.Dispose();
        map.Dispose();
        Assert.Throws<ObjectDisposedException>(() => map.ContainsKey(1));
        Assert.Throws<ObjectDisposedException>(() => map.TryGetFirst(out _, out _));
        Assert.Throws<ObjectDisposedException>(() => map.Add(1, 1));
        Assert.Throws<ObjectDisposedException>(() => map.GetEnumerator());
        Assert.Throws<ObjectDisposedException>(map.Clear);
    }

    [Fact]
    public void A_comparer_that_changes_its_own_map_is_found_in_checked_mode()
    {
        using var world = new World(isChecked: true);
        SlabSortedMap<int, int>? map = null;
        using (map = new SlabSortedMap<int, int>(world.Memory, Comparer<int>.Create((x, y) => x == 5 ? map!.Count + Change() : x - y)))
        {
            map.Add(6, 1);
            Assert.Throws<InvalidOperationException>(() => map.Add(5, 1));
            Assert.Equal([6], map.Select(entry => entry.Key));
        }

        int Change()
        {
            map!.Remove(6);
            return 0;
        }
    }

    [Fact]
    public void A_sorted_map_with_memory_of_its_own_ends_with_it()
    {
        using var world = new World(isChecked: true);
        Kmalloc owned = world.Runtime.CreateKmalloc("owned");
        var map = new SlabSortedMap<int, int>(owned, ownsMemory: true);
        for (int i = 0; i < 10_000; i++)
        {
            map.Add(i, i);
        }

        map.Clear();
        Assert.Equal((0, 0L, 0L), (map.Count, map.Bytes, owned.Snapshot().LiveBlocks));
        map.Add(1, 1);
        map.Dispose();
        Assert.Throws<ObjectDisposedException>(() => owned.Alloc(8));
    }
}
