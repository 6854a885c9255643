using System.Runtime.CompilerServices;
using SlabGen.Benchmarks.Allocators;

namespace SlabGen.Benchmarks.Workloads;

/// <summary>After larson: on every processor a thread with 5000 slots replaces what is in them at random, starts a successor that inherits the slots, and dies.</summary>
internal sealed class Larson(string name) : Workload(name)
{
    protected override Lane Open<TAllocator, TObject>(string allocator) => new LarsonLane<TAllocator, TObject>(allocator, Environment.ProcessorCount);

    protected override Action WarmUp<TAllocator, TObject>() => LarsonLane<TAllocator, TObject>.WarmUp;
}

/// <remarks>
/// A call is two generations of half a million replacements on each processor, with their births and deaths. A slot is
/// one generation's at a time: starting a thread publishes them, and the last generation's end is waited for.
/// </remarks>
internal sealed class LarsonLane<TAllocator, TObject> : Lane
    where TAllocator : struct, IAllocator<TObject>
    where TObject : struct, IObject<TObject>
{
    private const int Slots = 5000;
    private const int Generations = 2;
    private const int PerGeneration = 500_000;

    private static readonly TObject[] s_warmUp = new TObject[Slots]; // keeps its objects

    private readonly TObject[][] _slots;
    private readonly uint[] _random;
    private readonly CountdownEvent _living;

    public LarsonLane(string allocator, int threads)
        : base(allocator)
    {
        _living = new CountdownEvent(threads);
        _random = [.. Enumerable.Range(1, threads).Select(i => 2463534242u * (uint)i)];
        _slots = new TObject[threads][];
        for (int i = 0; i < threads; i++)
        {
            Fill(_slots[i] = new TObject[Slots]);
        }
    }

    public override int ObjectsPerCall => _slots.Length * Generations * PerGeneration;

    public static void WarmUp()
    {
        if (s_warmUp[0].IsNull)
        {
            Fill(s_warmUp);
        }

        _ = Loop(s_warmUp, TierOne.WarmUpIterations, 1);
    }

    public override void Call()
    {
        _living.Reset();
        for (int i = 0; i < _slots.Length; i++)
        {
            Start(i, Generations);
        }

        _living.Wait();
    }

    public override void Dispose()
    {
        foreach (TObject obj in _slots.SelectMany(slots => slots))
        {
            TAllocator.Free(obj);
        }

        _living.Dispose();
        TAllocator.GiveBack();
    }

    private static void Fill(TObject[] slots)
    {
        for (int i = 0; i < slots.Length; i++)
        {
            slots[i] = TAllocator.Alloc();
        }
    }

    private void Start(int slots, int generations) =>
        new Thread(() =>
        {
            _random[slots] = Loop(_slots[slots], PerGeneration, _random[slots]);
            if (generations > 1)
            {
                Start(slots, generations - 1);
            }
            else
            {
                _ = _living.Signal();
            }
        }) { IsBackground = true }.Start();

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static uint Loop(TObject[] slots, int count, uint random)
    {
        for (int i = 0; i < count; i++)
        {
            random = XorShift.Next(random);
            ref TObject place = ref slots[(int)(((ulong)random * Slots) >> 32)];
            TAllocator.Free(place);
            TObject obj = TAllocator.Alloc();
            obj.Word = i;
            place = obj;
        }

        return random;
    }
}
