using System.Runtime.CompilerServices;
using SlabGen.Benchmarks.Allocators;

namespace SlabGen.Benchmarks.Workloads;

/// <summary>Keeps so many objects live, a power of two, and replaces one of them at random, again and again.</summary>
internal sealed class Replace(string name, int live) : Workload(name)
{
    protected override Lane Open<TAllocator, TObject>(string allocator) => new ReplaceLane<TAllocator, TObject>(allocator, live);

    protected override Action WarmUp<TAllocator, TObject>() => ReplaceLane<TAllocator, TObject>.WarmUp;
}

/// <inheritdoc cref="Replace"/>
internal sealed class ReplaceLane<TAllocator, TObject> : Lane
    where TAllocator : struct, IAllocator<TObject>
    where TObject : struct, IObject<TObject>
{
    private const uint Seed = 2463534242;

    private static readonly TObject[] s_warmUp = new TObject[256]; // keeps its objects

    private readonly TObject[] _objects;
    private uint _random = Seed;

    public ReplaceLane(string allocator, int live)
        : base(allocator)
    {
        _objects = new TObject[live];
        Fill(_objects);
    }

    public override int ObjectsPerCall => 10_000;

    public static void WarmUp()
    {
        if (s_warmUp[0].IsNull)
        {
            Fill(s_warmUp);
        }

        _ = Loop(s_warmUp, TierOne.WarmUpIterations, Seed);
    }

    public override void Call() => _random = Loop(_objects, ObjectsPerCall, _random);

    public override void Dispose()
    {
        foreach (TObject obj in _objects)
        {
            TAllocator.Free(obj);
        }

        TAllocator.GiveBack();
    }

    private static void Fill(TObject[] objects)
    {
        for (int i = 0; i < objects.Length; i++)
        {
            objects[i] = TAllocator.Alloc();
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static uint Loop(TObject[] objects, int count, uint random)
    {
        uint mask = (uint)objects.Length - 1;
        for (int i = 0; i < count; i++)
        {
            random = XorShift.Next(random);
            ref TObject place = ref objects[random & mask];
            TAllocator.Free(place);
            TObject obj = TAllocator.Alloc();
            obj.Word = i;
            place = obj;
        }

        return random;
    }
}
