using CsCheck;

namespace SlabGen.Collections.Tests;

/// <summary>
/// Proves that a list is a list: it has what <see cref="List{T}"/> has after the same script, in both modes, for items
/// small and large, with allocations failing on the way.
/// </summary>
public sealed class ListModelTests
{
    private enum Operation
    {
        Add,
        AddRange,
        Insert,
        RemoveAt,
        SwapRemoveAt,
        RemoveLast,
        Set,
        Trim,
        Ensure,
        Clear,
        Fail,
    }

    private static readonly Gen<(Operation, int)[]> s_scripts = Gen.Select(
        Gen.Frequency(
            (20, OneOf(Operation.Add, Operation.Add, Operation.AddRange, Operation.Insert, Operation.RemoveAt)),
            (10, OneOf(Operation.SwapRemoveAt, Operation.RemoveLast, Operation.Set, Operation.Fail)),
            (2, OneOf(Operation.Trim, Operation.Ensure)),
            (1, Gen.Const(Operation.Clear))),
        Gen.Int[0, 500]).Array[1, 100];

    private static Gen<T> OneOf<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    [Fact]
    public void A_list_of_bytes_is_a_list() =>
        Gen.Select(Gen.Bool, s_scripts).Sample((isChecked, script) => Run(isChecked, script, n => (byte)n), iter: 200);

    [Fact]
    public void A_list_of_longs_is_a_list() =>
        Gen.Select(Gen.Bool, s_scripts).Sample((isChecked, script) => Run(isChecked, script, n => (long)n), iter: 200);

    [Fact]
    public void A_list_of_large_structs_is_a_list() =>
        Gen.Select(Gen.Bool, s_scripts).Sample((isChecked, script) => Run(isChecked, script, n => new Large { Number = n }), iter: 100);

    private static void Run<T>(bool isChecked, (Operation, int)[] script, Func<int, T> make)
        where T : unmanaged
    {
        using var world = new World(isChecked);
        using var slab = new SlabList<T>(world.Memory);
        var model = new List<T>();
        foreach ((Operation operation, int number) in script)
        {
            int index = model.Count == 0 ? 0 : number % model.Count;
            T item = make(number);
            switch (operation)
            {
                case Operation.Add:
                    slab.Add(item);
                    model.Add(item);
                    break;
                case Operation.AddRange:
                    T[] items = [.. Enumerable.Range(number, number).Select(make)];
                    slab.AddRange(items);
                    model.AddRange(items);
                    break;
                case Operation.Insert:
                    slab.Insert(index, item);
                    model.Insert(index, item);
                    break;
                case Operation.RemoveAt when model.Count > 0:
                    slab.RemoveAt(index);
                    model.RemoveAt(index);
                    break;
                case Operation.SwapRemoveAt when model.Count > 0:
                    slab.SwapRemoveAt(index);
                    model[index] = model[^1];
                    model.RemoveAt(model.Count - 1);
                    break;
                case Operation.RemoveLast:
                    slab.RemoveLast(index);
                    model.RemoveRange(model.Count - index, index);
                    break;
                case Operation.Set when model.Count > 0:
                    slab[index] = model[index] = item;
                    break;
                case Operation.Trim:
                    slab.TrimExcess();
                    break;
                case Operation.Ensure:
                    Assert.True(slab.EnsureCapacity(number * 2) >= number * 2);
                    break;
                case Operation.Clear:
                    slab.Clear();
                    model.Clear();
                    break;
                case Operation.Fail:
                    Fail(slab, model, number, make);
                    break;
            }

            Assert.Equal(model.Count, slab.Count);
        }

        Check(slab, model);
        slab.RemoveLast(slab.Count);
        slab.TrimExcess();
        Assert.Equal(0, slab.Bytes);
        Assert.Equal(0, world.LiveBlocks);
    }

    private static void Fail<T>(SlabList<T> slab, List<T> model, int number, Func<int, T> make)
        where T : unmanaged
    {
        using var fail = new FailAllocations(number % 4, fromThenOn: number % 2 == 0);
        T[] many = [.. Enumerable.Range(0, number * 3).Select(make)];
        if (slab.TryAddRange(many))
        {
            model.AddRange(many);
        }
        else
        {
            Assert.True(fail.HasFailed);
        }

        if (slab.TryAdd(make(number)))
        {
            model.Add(make(number));
        }
    }

    private static void Check<T>(SlabList<T> slab, List<T> model)
        where T : unmanaged
    {
        Assert.Equal(model, slab);
        var bySegment = new List<T>();
        foreach (Span<T> segment in slab.Segments)
        {
            bySegment.AddRange(segment);
        }

        Assert.Equal(model, bySegment);
        var copy = new T[model.Count];
        slab.CopyTo(copy);
        Assert.Equal(model, copy);
        for (int i = 0; i < model.Count; i++)
        {
            Assert.Equal(model[i], slab[i]);
        }
    }

    private unsafe struct Large : IEquatable<Large>
    {
        public int Number;
        private fixed byte _more[3000];

        public readonly bool Equals(Large other) => Number == other.Number;

        public override readonly bool Equals(object? obj) => obj is Large other && Equals(other);

        public override readonly int GetHashCode() => Number;
    }
}
