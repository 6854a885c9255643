using CsCheck;

namespace SlabGen.Collections.Tests;

/// <summary>
/// Proves that a sorted map is one: it has what <see cref="SortedDictionary{TKey, TValue}"/> has after the same script,
/// up and down, by every range, in both modes; with nodes of many entries and of few, which make a tree of many levels.
/// </summary>
public sealed class SortedMapModelTests
{
    private enum Operation
    {
        TryAdd,
        Set,
        Reference,
        Remove,
        AddUp,
        AddDown,
        AddScattered,
        RemoveMany,
        Clear,
        Fail,
    }

    private static readonly Gen<(Operation, int)[]> s_scripts = Gen.Select(
        Gen.Frequency(
            (20, OneOf(Operation.TryAdd, Operation.Set, Operation.Reference, Operation.Remove, Operation.Remove)),
            (12, OneOf(Operation.AddUp, Operation.AddDown, Operation.AddScattered, Operation.RemoveMany)),
            (3, Gen.Const(Operation.Fail)),
            (1, Gen.Const(Operation.Clear))),
        Gen.Int[0, 400]).Array[1, 60];

    private static Gen<T> OneOf<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    [Fact]
    public void A_sorted_map_of_small_entries_is_a_sorted_dictionary() =>
        Gen.Select(Gen.Bool, Gen.Bool, s_scripts).Sample(
            (isChecked, descends, script) => Run(isChecked, descends, script, number => number), iter: 15);

    [Fact]
    public void A_sorted_map_of_wide_keys_is_a_sorted_dictionary() =>
        Gen.Select(Gen.Bool, Gen.Bool, s_scripts).Sample(
            (isChecked, descends, script) => Run(isChecked, descends, script, number => new Wide { Number = number }), iter: 15);

    private static void Run<TKey>(bool isChecked, bool descends, (Operation, int)[] script, Func<int, TKey> key)
        where TKey : unmanaged, IComparable<TKey>
    {
        using var world = new World(isChecked);
        IComparer<TKey> order = descends ? new Descending<TKey>() : Comparer<TKey>.Default;
        using var slab = new SlabSortedMap<TKey, long>(world.Memory, order);
        var model = new SortedDictionary<TKey, long>(order);
        long stamp = 0;
        foreach ((Operation operation, int number) in script)
        {
            stamp++;
            switch (operation)
            {
                case Operation.TryAdd:
                    Assert.Equal(model.TryAdd(key(number), stamp), slab.TryAdd(key(number), stamp));
                    break;
                case Operation.Set:
                    slab[key(number)] = model[key(number)] = stamp;
                    break;
                case Operation.Reference:
                    model.TryGetValue(key(number), out long old);
                    slab.GetValueRefOrAddDefault(key(number), out bool exists) += stamp;
                    Assert.Equal(model.ContainsKey(key(number)), exists);
                    model[key(number)] = old + stamp;
                    break;
                case Operation.Remove:
                    bool had = model.Remove(key(number), out long expected);
                    Assert.Equal(had, slab.Remove(key(number), out long removed));
                    Assert.Equal(expected, removed);
                    break;
                case Operation.AddUp:
                    Add(Enumerable.Range(number, number * 2));
                    break;
                case Operation.AddDown:
                    Add(Enumerable.Range(-number, number * 2).Reverse());
                    break;
                case Operation.AddScattered:
                    Add(Enumerable.Range(0, number).Select(i => i * 7919 % 1201));
                    break;
                case Operation.RemoveMany:
                    foreach (TKey other in model.Keys.Skip(number / 2).Take(number).ToArray())
                    {
                        Assert.True(model.Remove(other) && slab.Remove(other));
                    }

                    break;
                case Operation.Clear:
                    slab.Clear();
                    model.Clear();
                    break;
                default:
                    Fail(slab, model, number, key);
                    break;
            }

            Assert.Equal(model.Count, slab.Count);
        }

        Check(slab, model, key);
        foreach (TKey other in model.Keys.OrderBy(k => k.GetHashCode()).ToArray())
        {
            Assert.True(slab.Remove(other));
        }

        Assert.Equal((0, 0L, 0L), (slab.Count, slab.Bytes, world.LiveBlocks));

        void Add(IEnumerable<int> numbers)
        {
            foreach (int n in numbers)
            {
                slab[key(n)] = model[key(n)] = stamp;
            }
        }
    }

    /// <summary>Some additions, some of whose allocations fail: those that were refused left nothing.</summary>
    private static void Fail<TKey>(
        SlabSortedMap<TKey, long> slab, SortedDictionary<TKey, long> model, int number, Func<int, TKey> key)
        where TKey : unmanaged
    {
        for (int n = number; n < number + 40; n++)
        {
            using var fail = new FailAllocations(n % 4, fromThenOn: number % 2 == 0);
            long bytes = slab.Bytes;
            bool added = slab.TryAdd(key(n), n, out bool exists);
            Assert.Equal(model.ContainsKey(key(n)), exists);
            Assert.True(added || exists || (fail.HasFailed && bytes == slab.Bytes));
            if (added)
            {
                model.Add(key(n), n);
            }
        }
    }

    private static void Check<TKey>(SlabSortedMap<TKey, long> slab, SortedDictionary<TKey, long> model, Func<int, TKey> key)
        where TKey : unmanaged
    {
        KeyValuePair<TKey, long>[] all = [.. model];
        Assert.Equal(all, slab);
        Assert.Equal(all.Reverse(), slab.Reverse());
        Assert.Equal(all.Length > 0, slab.TryGetFirst(out TKey first, out long value));
        Assert.Equal(all.FirstOrDefault(), new(first, value));
        Assert.Equal(all.Length > 0, slab.TryGetLast(out TKey last, out value));
        Assert.Equal(all.LastOrDefault(), new(last, value));
        IComparer<TKey> order = slab.Comparer;
        for (int number = -420; number < 1250; number += 83)
        {
            TKey at = key(number), to = key(number + 90);
            (at, to) = order.Compare(at, to) <= 0 ? (at, to) : (to, at);
            Assert.Equal(model.TryGetValue(at, out long expected), slab.TryGetValue(at, out value));
            Assert.Equal(expected, value);
            KeyValuePair<TKey, long>[] below = [.. all.Where(entry => order.Compare(entry.Key, at) <= 0)];
            KeyValuePair<TKey, long>[] above = [.. all.Where(entry => order.Compare(entry.Key, at) >= 0)];
            Assert.Equal(below.Length > 0, slab.TryGetFloor(at, out TKey found, out value));
            Assert.Equal(below.LastOrDefault(), new(found, value));
            Assert.Equal(above.Length > 0, slab.TryGetCeiling(at, out found, out value));
            Assert.Equal(above.FirstOrDefault(), new(found, value));
            Assert.Equal(above, slab.From(at));
            Assert.Equal(below.Reverse(), slab.UpTo(at).Reverse());
            KeyValuePair<TKey, long>[] between = [.. above.Where(entry => order.Compare(entry.Key, to) <= 0)];
            Assert.Equal(between, slab.Between(at, to));
            Assert.Equal(between.Reverse(), slab.Between(at, to).Reverse());
        }
    }

    /// <summary>Eight to a node.</summary>
    internal unsafe struct Wide : IComparable<Wide>, IEquatable<Wide>
    {
        public int Number;
        private fixed byte _more[60];

        public readonly int CompareTo(Wide other) => Number.CompareTo(other.Number);

        public readonly bool Equals(Wide other) => Number == other.Number;

        public override readonly bool Equals(object? obj) => obj is Wide other && Equals(other);

        public override readonly int GetHashCode() => Number * 7919 % 1201;
    }

    private sealed class Descending<TKey> : IComparer<TKey>
        where TKey : IComparable<TKey>
    {
        public int Compare(TKey? x, TKey? y) => y!.CompareTo(x!);
    }
}
