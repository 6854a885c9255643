using System.Runtime.CompilerServices;
using SlabGen.Benchmarks.Allocators;

namespace SlabGen.Benchmarks.Workloads;

/// <summary>Keeps so many objects live, and replaces one of them at random, again and again.</summary>
internal sealed class ReplaceLane<TAllocator> : Lane
    where TAllocator : struct, IAllocator
{
    private readonly nint[] _objects;
    private uint _random = 2463534242;

    /// <param name="live">A power of two.</param>
    public ReplaceLane(int live)
    {
        _objects = new nint[live];
        for (int i = 0; i < live; i++)
        {
            _objects[i] = TAllocator.Alloc();
        }
    }

    public override string Allocator => TAllocator.Name;

    public override int ObjectsPerCall => 10_000;

    public override void WarmUp() => _random = Loop(_objects, TierOne.WarmUpIterations, _random);

    public override void Call() => _random = Loop(_objects, ObjectsPerCall, _random);

    public override void Dispose()
    {
        foreach (nint address in _objects)
        {
            TAllocator.Free(address);
        }

        TAllocator.GiveBack();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static unsafe uint Loop(nint[] objects, int count, uint random)
    {
        uint mask = (uint)objects.Length - 1;
        for (int i = 0; i < count; i++)
        {
            random ^= random << 13; // Marsaglia's xorshift32
            random ^= random >> 17;
            random ^= random << 5;
            ref nint place = ref objects[random & mask];
            TAllocator.Free(place);
            nint address = TAllocator.Alloc();
            *(long*)address = i;
            place = address;
        }

        return random;
    }
}
