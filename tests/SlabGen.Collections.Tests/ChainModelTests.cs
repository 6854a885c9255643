using CsCheck;

namespace SlabGen.Collections.Tests;

/// <summary>
/// Proves that a queue is a queue, in both its kinds, and a stack a stack: each has what the BCL's has after the same
/// script, in both modes, for items small and large, with allocations failing on the way.
/// </summary>
public sealed class ChainModelTests
{
    private enum Operation
    {
        Put,
        Take,
        Peek,
        PutMany,
        TakeMany,
        Trim,
        Clear,
        Fail,
    }

    private static readonly Gen<(Operation, int)[]> s_scripts = Gen.Select(
        Gen.Frequency(
            (20, OneOf(Operation.Put, Operation.Take, Operation.Peek)),
            (16, OneOf(Operation.PutMany, Operation.TakeMany)),
            (3, OneOf(Operation.Trim, Operation.Fail)),
            (1, Gen.Const(Operation.Clear))),
        Gen.Int[0, 300]).Array[1, 100];

    private static Gen<T> OneOf<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    [Fact]
    public void A_queue_of_longs_is_a_queue() => Gen.Select(Gen.Bool, Gen.Bool, s_scripts).Sample(
        (isChecked, concurrent, script) => RunQueue(isChecked, concurrent, script, n => (long)n), iter: 100);

    [Fact]
    public void A_queue_of_large_structs_is_a_queue() => Gen.Select(Gen.Bool, Gen.Bool, s_scripts).Sample(
        (isChecked, concurrent, script) => RunQueue(isChecked, concurrent, script, Large.Of), iter: 12);

    [Fact]
    public void A_stack_of_longs_is_a_stack() => Gen.Select(Gen.Bool, s_scripts).Sample(
        (isChecked, script) => RunStack(isChecked, script, n => (long)n), iter: 100);

    [Fact]
    public void A_stack_of_large_structs_is_a_stack() => Gen.Select(Gen.Bool, s_scripts).Sample(
        (isChecked, script) => RunStack(isChecked, script, Large.Of), iter: 12);

    private static void RunQueue<T>(bool isChecked, bool concurrent, (Operation, int)[] script, Func<int, T> make)
        where T : unmanaged
    {
        using var world = new World(isChecked);
        using var slab = new SlabQueue<T>(world.Memory, concurrent);
        var model = new Queue<T>();
        Run(script, make, model, slab, () => slab.Count, slab.Enqueue, slab.TryEnqueue, model.Enqueue,
            Take<T>(slab.TryDequeue), Take<T>(model.TryDequeue), Take<T>(slab.TryPeek), Take<T>(model.TryPeek), slab.TrimExcess,
            () => Clear(slab.Clear, model.Clear));
        Clear(slab.Clear, model.Clear);
        slab.TrimExcess();
        Assert.InRange(world.LiveBlocks, 0, concurrent ? 1 : 0);
        slab.Dispose();
        Assert.Equal((0L, 0L), (slab.Bytes, world.LiveBlocks));
    }

    private static void RunStack<T>(bool isChecked, (Operation, int)[] script, Func<int, T> make)
        where T : unmanaged
    {
        using var world = new World(isChecked);
        using var slab = new SlabStack<T>(world.Memory);
        var model = new Stack<T>();
        Run(script, make, model, slab, () => slab.Count, slab.Push, slab.TryPush, model.Push,
            Take<T>(slab.TryPop), Take<T>(model.TryPop), Take<T>(slab.TryPeek), Take<T>(model.TryPeek), slab.TrimExcess,
            () => Clear(slab.Clear, model.Clear));
        while (slab.TryPop(out T item))
        {
            Assert.Equal(model.Pop(), item);
        }

        slab.TrimExcess();
        Assert.Equal((0L, 0L), (slab.Bytes, world.LiveBlocks));
    }

    private static void Run<T>(
        (Operation, int)[] script, Func<int, T> make, IReadOnlyCollection<T> model, IReadOnlyCollection<T> slab,
        Func<int> count, Action<T> put, Func<T, bool> tryPut, Action<T> modelPut, Func<(bool, T)> take,
        Func<(bool, T)> modelTake, Func<(bool, T)> peek, Func<(bool, T)> modelPeek, Action trim, Action clear)
    {
        foreach ((Operation operation, int number) in script)
        {
            switch (operation)
            {
                case Operation.Put or Operation.PutMany:
                    for (int i = 0; i < (operation == Operation.Put ? 1 : number * 3); i++)
                    {
                        put(make(number + i));
                        modelPut(make(number + i));
                    }

                    break;
                case Operation.Take or Operation.TakeMany:
                    for (int i = 0; i < (operation == Operation.Take ? 1 : number * 3); i++)
                    {
                        Assert.Equal(modelTake(), take());
                    }

                    break;
                case Operation.Peek:
                    Assert.Equal(modelPeek(), peek());
                    break;
                case Operation.Trim:
                    trim();
                    break;
                case Operation.Clear:
                    clear();
                    break;
                default:
                    using (var fail = new FailAllocations(number % 3, fromThenOn: number % 2 == 0))
                    {
                        for (int i = 0; i < number * 2; i++)
                        {
                            bool fits = tryPut(make(i));
                            Assert.True(fits || fail.HasFailed);
                            if (fits)
                            {
                                modelPut(make(i));
                            }
                        }
                    }

                    break;
            }

            Assert.Equal(model.Count, count());
        }

        Assert.Equal(model, slab);
    }

    private delegate bool TryTake<T>(out T? item);

    private static Func<(bool, T)> Take<T>(TryTake<T> take) => () => (take(out T? item), item!);

    private static void Clear(Action one, Action other)
    {
        one();
        other();
    }

    private unsafe struct Large : IEquatable<Large>
    {
        public int Number;
        private fixed byte _more[3000];

        public static Large Of(int number) => new() { Number = number };

        public readonly bool Equals(Large other) => Number == other.Number;

        public override readonly bool Equals(object? obj) => obj is Large other && Equals(other);

        public override readonly int GetHashCode() => Number;
    }
}
