using System.Runtime.CompilerServices;
using SlabGen.Benchmarks.Workloads;

namespace SlabGen.Benchmarks.Traces;

/// <summary>Takes a block of whole pages and frees it at once, as for a buffer; its first word is written.</summary>
internal sealed class Buffers(string name, int bytes) : BlockWorkload(name)
{
    protected override Lane Open<TAllocator>(string allocator) => new BufferLane<TAllocator>(allocator, (nuint)bytes);
}

/// <inheritdoc cref="Buffers"/>
internal sealed class BufferLane<TAllocator>(string allocator, nuint bytes) : Lane(allocator)
    where TAllocator : struct, TraceReplay.IAllocator
{
    public override int ObjectsPerCall => 10_000;

    public override void Call() => Loop(bytes, ObjectsPerCall);

    public override void Dispose() => TAllocator.Shrink();

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static unsafe void Loop(nuint bytes, int count)
    {
        for (int i = 0; i < count; i++)
        {
            nint block = TAllocator.Alloc(bytes);
            *(int*)block = i;
            TAllocator.Free(block);
        }
    }
}
