using CsCheck;

namespace SlabGen.Collections.Tests;

/// <summary>
/// Proves that a dictionary is a dictionary: whatever is done to it, in whatever order, it has what
/// <see cref="Dictionary{TKey, TValue}"/> has after the same, in both modes, with hash codes that spread and that all
/// collide, and with any allocation failing on the way. A failure prints the smallest script and the seed (CsCheck_Seed).
/// </summary>
public sealed class DictionaryModelTests
{
    private enum Operation
    {
        TryAdd,
        Set,
        Reference,
        Remove,
        AddMany,
        RemoveMany,
        Trim,
        Ensure,
        Clear,
        Fail,
    }

    // Each comparer makes tables of another shape: spread, all in one home, all in the last home, and few homes.
    private static readonly Gen<IEqualityComparer<int>?> s_comparers = OneOf<IEqualityComparer<int>?>(
        null, new Codes(_ => 7), new Codes(key => key & 3), new Codes(key => key << 20));

    private static readonly Gen<(Operation, int)[]> s_scripts = Gen.Select(
        Gen.Frequency(
            (30, OneOf(Operation.TryAdd, Operation.Set, Operation.Reference, Operation.Remove, Operation.Remove)),
            (6, OneOf(Operation.AddMany, Operation.RemoveMany)),
            (3, OneOf(Operation.Trim, Operation.Ensure, Operation.Fail)),
            (1, Gen.Const(Operation.Clear))),
        Gen.Int[0, 400]).Array[1, 120];

    private static Gen<T> OneOf<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    [Fact]
    public void A_dictionary_is_a_dictionary() =>
        Gen.Select(Gen.Bool, s_comparers, s_scripts).Sample(Run, iter: 200);

    private static void Run(bool isChecked, IEqualityComparer<int>? comparer, (Operation, int)[] script)
    {
        using var world = new World(isChecked);
        using var slab = new SlabDictionary<int, long>(world.Memory, comparer);
        var model = new Dictionary<int, long>();
        long stamp = 0;
        foreach ((Operation operation, int number) in script)
        {
            stamp++;
            switch (operation)
            {
                case Operation.TryAdd:
                    Assert.Equal(model.TryAdd(number, stamp), slab.TryAdd(number, stamp));
                    break;
                case Operation.Set:
                    slab[number] = model[number] = stamp;
                    break;
                case Operation.Reference:
                    slab.GetValueRefOrAddDefault(number, out bool exists) += stamp;
                    Assert.Equal(model.ContainsKey(number), exists);
                    model[number] = model.GetValueOrDefault(number) + stamp;
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
                    Assert.True(slab.EnsureCapacity(number * 4) >= number * 4);
                    break;
                case Operation.Clear:
                    slab.Clear();
                    model.Clear();
                    break;
                default:
                    Fail(slab, model, number, stamp);
                    break;
            }

            Assert.Equal(model.Count, slab.Count);
        }

        Check(slab, model);
        foreach (int key in model.Keys)
        {
            Assert.True(slab.Remove(key));
        }

        Assert.Empty(slab);
        slab.TrimExcess();
        Assert.Equal(0, slab.Bytes);
        Assert.Equal(0, world.LiveBlocks);
    }

    /// <summary>Some additions, one of whose allocations fails: those that were refused left nothing.</summary>
    private static void Fail(SlabDictionary<int, long> slab, Dictionary<int, long> model, int number, long stamp)
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
        }

        for (int key = number; key < number + 60; key += 2)
        {
            Assert.Equal(model.Remove(key), slab.Remove(key)); // shrinks if it can
        }
    }

    private static void Check(SlabDictionary<int, long> slab, Dictionary<int, long> model)
    {
        Assert.All(model, entry => Assert.True(slab.TryGetValue(entry.Key, out long value) && value == entry.Value));
        Assert.Equal(model.OrderBy(entry => entry.Key), slab.OrderBy(entry => entry.Key));
        for (int key = -50; key < 1300; key += 7)
        {
            Assert.Equal(model.ContainsKey(key), slab.ContainsKey(key));
        }
    }

    internal sealed class Codes(Func<int, int> code) : IEqualityComparer<int>
    {
        public bool Equals(int x, int y) => x == y;

        public int GetHashCode(int obj) => code(obj);
    }
}
