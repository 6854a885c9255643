using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SlabGen.Benchmarks.Workloads;

namespace SlabGen.Benchmarks.Traces;

/// <summary>
/// What a game's or a simulation's own buffer pool does: blocks of powers of two, from 64 bytes to 64 KiB, one owner, a
/// thousand live, one of them replaced at random. A pool written by hand against a private <see cref="Kmalloc"/> whose
/// <see cref="Kmalloc.KeptLocal"/> the owner keeps, and against the shared one.
/// </summary>
internal sealed class BufferPool(string name) : BlockWorkload(name)
{
    protected override IEnumerable<Lane> OpenAll() =>
    [
        new BufferPoolLane<KeptPool>(Allocators.Peers.SlabGen, new KeptPool(SlabRuntime.Default.CreateKmalloc("buffer-pool"))),
        new BufferPoolLane<SharedPool>(Allocators.Peers.Kmalloc, new SharedPool(SlabRuntime.Default.Kmalloc)),
        new BufferPoolLane<HandmadePool>("handmade", new HandmadePool([])),
    ];

    protected override Lane Open<TAllocator>(string allocator) => throw new NotSupportedException();
}

/// <summary>A pool of blocks of powers of two.</summary>
internal interface IBufferPool : IDisposable
{
    nint Take(int power);

    void Return(nint block, int power);
}

/// <inheritdoc cref="IBufferPool"/>
internal readonly struct KeptPool(Kmalloc kmalloc) : IBufferPool
{
    private readonly Kmalloc _kmalloc = kmalloc;
    private readonly Kmalloc.KeptLocal _local = kmalloc.KeepLocal();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public nint Take(int power) => _local.Alloc((nuint)1 << power);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Return(nint block, int power) => _local.Free(block);

    public void Dispose() => _kmalloc.Destroy();
}

/// <inheritdoc cref="IBufferPool"/>
internal readonly struct SharedPool(Kmalloc kmalloc) : IBufferPool
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public nint Take(int power) => kmalloc.Alloc((nuint)1 << power);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Return(nint block, int power) => kmalloc.Free(block);

    public void Dispose()
    {
    }
}

/// <summary>
/// A stack of free blocks for each power of two, cut from large ones that go back at the end. It knows no threads, gives
/// no memory back, and finds no mistake.
/// </summary>
internal readonly unsafe struct HandmadePool(List<nint> chunks) : IBufferPool
{
    private const int ChunkBytes = 1 << 20;

    private readonly Stack<nint>[] _free = [.. Enumerable.Range(0, 21).Select(_ => new Stack<nint>())];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public nint Take(int power) => _free[power].TryPop(out nint block) ? block : Cut(power);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Return(nint block, int power) => _free[power].Push(block);

    public void Dispose() => chunks.ForEach(chunk => NativeMemory.AlignedFree((void*)chunk));

    [MethodImpl(MethodImplOptions.NoInlining)]
    private nint Cut(int power)
    {
        nint chunk = (nint)NativeMemory.AlignedAlloc(ChunkBytes, 1 << 16);
        chunks.Add(chunk);
        for (nint block = chunk + ChunkBytes - (1 << power); block > chunk; block -= 1 << power)
        {
            _free[power].Push(block);
        }

        return chunk;
    }
}

/// <inheritdoc cref="BufferPool"/>
internal sealed class BufferPoolLane<TPool>(string allocator, TPool pool) : Lane(allocator)
    where TPool : struct, IBufferPool
{
    private const int Live = 1024, LeastPower = 6, MostPower = 16;

    private readonly (nint Block, int Power)[] _blocks = new (nint, int)[Live];
    private readonly byte[] _powers = Draw();
    private uint _random = 88172645;
    private int _next;

    public override int ObjectsPerCall => 10_000;

    public override void Call()
    {
        if (_blocks[0].Block == 0)
        {
            foreach (ref (nint Block, int Power) place in _blocks.AsSpan())
            {
                place = (pool.Take(LeastPower), LeastPower);
            }
        }

        _random = Loop(pool, _blocks, _powers, ObjectsPerCall, ref _next, _random);
    }

    public override void Dispose()
    {
        foreach ((nint block, int power) in _blocks)
        {
            pool.Return(block, power);
        }

        pool.Dispose();
        SlabRuntime.Default.Shrink();
    }

    /// <summary>Each power of two half as often as the one below it.</summary>
    private static byte[] Draw()
    {
        byte[] powers = new byte[1 << 14];
        uint random = 2463534242;
        for (int i = 0; i < powers.Length; i++)
        {
            random = XorShift.Next(random);
            powers[i] = (byte)Math.Min(MostPower, LeastPower + BitOperations.TrailingZeroCount(random));
        }

        return powers;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static unsafe uint Loop(TPool pool, (nint Block, int Power)[] blocks, byte[] powers, int count, ref int next, uint random)
    {
        for (int i = 0; i < count; i++)
        {
            random = XorShift.Next(random);
            ref (nint Block, int Power) place = ref blocks[random & (Live - 1)];
            pool.Return(place.Block, place.Power);
            int power = powers[next++ & (powers.Length - 1)];
            place = (pool.Take(power), power);
            *(byte*)place.Block = 1;
        }

        return random;
    }
}
