using System.Runtime.CompilerServices;
using SlabGen.Benchmarks.Workloads;
using SlabGen.TraceReplay;

namespace SlabGen.Benchmarks.Traces;

/// <summary>
/// Keeps so many blocks live, a power of two, and replaces one of them at random by one of another size, again and again. The sizes are those
/// that a real program asked for, as often as it did: the trace that comes with TraceReplay, without what is larger than 8192 bytes.
/// </summary>
internal sealed class MixedSizes(string name, int live, string file) : BlockWorkload(name)
{
    private const int Largest = 8192;

    // Drawn with replacement, by a fixed seed: every lane asks for the same sizes in the same order.
    private readonly Lazy<int[]> _sizes = new(() => Draw(TraceReader.Read(file)));

    protected override Lane Open<TAllocator>(string allocator) => new MixedLane<TAllocator>(allocator, _sizes.Value, live);

    private static int[] Draw(Trace trace)
    {
        int[] asked = [.. trace.Records.Where(record => !record.Frees && record.Size is > 0 and <= Largest).Select(record => (int)record.Size)];
        int[] drawn = new int[1 << 16];
        uint random = 2463534242;
        for (int i = 0; i < drawn.Length; i++)
        {
            random = XorShift.Next(random);
            drawn[i] = asked[random % (uint)asked.Length];
        }

        return drawn;
    }
}

/// <inheritdoc cref="MixedSizes"/>
internal sealed class MixedLane<TAllocator> : Lane
    where TAllocator : struct, TraceReplay.IAllocator
{
    private readonly int[] _sizes;
    private readonly nint[] _blocks;
    private uint _random = 88172645;
    private int _next;

    public MixedLane(string allocator, int[] sizes, int live)
        : base(allocator)
    {
        _sizes = sizes;
        _blocks = new nint[live];
        for (int i = 0; i < live; i++)
        {
            _blocks[i] = TAllocator.Alloc((nuint)sizes[i & (sizes.Length - 1)]);
        }
    }

    public override int ObjectsPerCall => 10_000;

    public override void Call() => _random = Loop(_blocks, _sizes, ObjectsPerCall, ref _next, _random);

    public override void Dispose()
    {
        foreach (nint block in _blocks)
        {
            TAllocator.Free(block);
        }

        TAllocator.Shrink();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static unsafe uint Loop(nint[] blocks, int[] sizes, int count, ref int next, uint random)
    {
        uint mask = (uint)blocks.Length - 1;
        for (int i = 0; i < count; i++)
        {
            random = XorShift.Next(random);
            ref nint place = ref blocks[random & mask];
            TAllocator.Free(place);
            place = TAllocator.Alloc((nuint)sizes[next++ & (sizes.Length - 1)]);
            *(byte*)place = 1;
        }

        return random;
    }
}
