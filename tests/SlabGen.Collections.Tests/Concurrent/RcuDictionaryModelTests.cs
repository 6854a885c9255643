using System.Runtime.CompilerServices;
using CsCheck;

namespace SlabGen.Collections.Tests.Concurrent;

/// <summary>
/// Proves that one thread finds in an <see cref="RcuDictionary{TKey, TValue}"/> what a <see cref="Dictionary{TKey, TValue}"/>
/// has after the same script: in both modes, with one stripe and several, with hash codes that spread and that all collide, and
/// with any allocation failing on the way.
/// </summary>
public sealed class RcuDictionaryModelTests
{
    private enum Operation
    {
        TryAdd,
        Set,
        Update,
        GetOrAdd,
        Remove,
        AddMany,
        RemoveMany,
        Trim,
        Ensure,
        Clear,
        Fail,
    }

    private static readonly Gen<IEqualityComparer<int>?> s_comparers = OneOf<IEqualityComparer<int>?>(
        null, null, new DictionaryModelTests.Codes(_ => 7), new DictionaryModelTests.Codes(key => key & 3),
        new DictionaryModelTests.Codes(key => key << 20));

    private static readonly Gen<(Operation, int)[]> s_scripts = Gen.Select(
        Gen.Frequency(
            (30, OneOf(Operation.TryAdd, Operation.Set, Operation.Update, Operation.GetOrAdd, Operation.Remove, Operation.Remove)),
            (6, OneOf(Operation.AddMany, Operation.RemoveMany)),
            (3, OneOf(Operation.Trim, Operation.Ensure, Operation.Fail)),
            (1, Gen.Const(Operation.Clear))),
        Gen.Int[0, 400]).Array[1, 120];

    private static Gen<T> OneOf<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    [Fact]
    public void One_thread_has_a_dictionary() =>
        Gen.Select(Gen.Bool, OneOf(1, 4), s_comparers, s_scripts).Sample(Run, iter: 150);

    private static void Run(bool isChecked, int stripes, IEqualityComparer<int>? comparer, (Operation, int)[] script)
    {
        using var world = new World(isChecked);
        using (var slab = new RcuDictionary<int, long>(world.Memory, comparer, stripes))
        {
            var model = new Dictionary<int, long>();
            long stamp = 0;
            foreach ((Operation operation, int number) in script)
            {
                Apply(slab, model, operation, number, ++stamp);
                Assert.Equal(model.Count, slab.Count);
            }

            Check(slab, model);
            foreach (int key in model.Keys)
            {
                Assert.True(slab.Remove(key));
            }

            Assert.Equal(0, slab.Count);
            slab.TrimExcess();
            Assert.Equal(0, slab.Bytes);
        }

        Rcu.Barrier();
        Assert.Equal(0, world.LiveBlocks);
    }

    private static void Apply(RcuDictionary<int, long> slab, Dictionary<int, long> model, Operation operation, int number, long stamp)
    {
        switch (operation)
        {
            case Operation.TryAdd:
                Assert.Equal(model.TryAdd(number, stamp), slab.TryAdd(number, stamp));
                break;
            case Operation.Set:
                slab[number] = model[number] = stamp;
                break;
            case Operation.Update:
                bool exists = model.TryGetValue(number, out long was);
                Assert.False(slab.TryUpdate(number, stamp, long.MinValue));
                Assert.Equal(exists, slab.TryUpdate(number, stamp, was));
                if (exists)
                {
                    model[number] = stamp;
                }

                break;
            case Operation.GetOrAdd:
                model.TryAdd(number, stamp);
                Assert.Equal(model[number], slab.GetOrAdd(number, stamp));
                break;
            case Operation.Remove:
                Assert.Equal(model.Remove(number, out long expected), slab.Remove(number, out long removed));
                Assert.Equal(expected, removed);
                break;
            case Operation.AddMany:
                for (int key = number; key < number * 3; key++)
                {
                    slab[key] = model[key] = stamp;
                }

                break;
            case Operation.RemoveMany:
                for (int key = 0; key < number * 3; key++)
                {
                    Assert.Equal(model.Remove(key), slab.Remove(key));
                }

                break;
            case Operation.Trim:
                slab.TrimExcess();
                break;
            case Operation.Ensure:
                slab.EnsureCapacity(number * 4);
                break;
            case Operation.Clear:
                slab.Clear();
                model.Clear();
                break;
            default:
                Fail(slab, model, number, stamp);
                break;
        }
    }

    /// <summary>Some writes, one of whose allocations fails: those that were refused left everything as it was.</summary>
    private static void Fail(RcuDictionary<int, long> slab, Dictionary<int, long> model, int number, long stamp)
    {
        using var fail = new FailAllocations(number % 5, fromThenOn: number % 2 == 0);
        for (int key = number; key < number + 60; key++)
        {
            if (slab.TryAdd(key, stamp, out bool exists))
            {
                model.Add(key, stamp);
            }
            else
            {
                Assert.Equal(model.ContainsKey(key), exists);
                Assert.True(exists || fail.HasFailed);
            }

            if (slab.TrySet(key, -stamp))
            {
                model[key] = -stamp;
            }

            Assert.Equal(model.TryGetValue(key, out long expected), slab.TryGetValue(key, out long value));
            Assert.Equal(expected, value);
        }

        for (int key = number; key < number + 60; key += 2)
        {
            Assert.Equal(model.Remove(key), slab.Remove(key)); // shrinks if it can
        }
    }

    private static void Check(RcuDictionary<int, long> slab, Dictionary<int, long> model)
    {
        var there = new List<KeyValuePair<int, long>>();
        foreach (KeyValuePair<int, long> entry in slab)
        {
            there.Add(entry);
        }

        Assert.Equal(model.OrderBy(entry => entry.Key), there.OrderBy(entry => entry.Key));
        int[] keys = [.. Enumerable.Range(-50, 1350)];
        var values = new long[keys.Length];
        var found = new bool[keys.Length];
        Assert.Equal(model.Count, slab.TryGetValues(keys, values, found));
        for (int i = 0; i < keys.Length; i++)
        {
            Assert.True(found[i] == model.TryGetValue(keys[i], out long value) && value == values[i], $"{keys[i]}");
        }

        using (Rcu.Read())
        {
            Assert.All(model, entry => Assert.Equal(entry.Value, slab.GetValueRefOrNullRef(entry.Key)));
            for (int key = -50; key < 1300; key += 7)
            {
                Assert.Equal(!model.ContainsKey(key), Unsafe.IsNullRef(in slab.GetValueRefOrNullRef(key)));
            }
        }
    }
}
