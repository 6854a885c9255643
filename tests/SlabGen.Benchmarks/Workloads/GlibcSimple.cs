using System.Runtime.CompilerServices;
using SlabGen.Benchmarks.Allocators;

namespace SlabGen.Benchmarks.Workloads;

/// <summary>After glibc's bench-malloc-simple: 25, 100, 400, then 1600 live objects; the first half is freed first in, first out, the second last in, first out.</summary>
internal sealed class GlibcSimple(string name) : Workload(name)
{
    protected override Lane Open<TAllocator, TObject>(string allocator) => new GlibcSimpleLane<TAllocator, TObject>(allocator);

    protected override Action WarmUp<TAllocator, TObject>() => GlibcSimpleLane<TAllocator, TObject>.WarmUp;
}

/// <inheritdoc cref="GlibcSimple"/>
internal sealed class GlibcSimpleLane<TAllocator, TObject>(string allocator) : Lane(allocator)
    where TAllocator : struct, IAllocator<TObject>
    where TObject : struct, IObject<TObject>
{
    private const int PerCount = 3200;

    private static readonly int[] s_counts = [25, 100, 400, 1600];
    private static readonly TObject[] s_warmUp = new TObject[TierOne.WarmUpIterations];

    private readonly TObject[] _objects = new TObject[s_counts[^1]];

    public override int ObjectsPerCall => s_counts.Length * PerCount;

    public static void WarmUp() => Loop(s_warmUp);

    public override void Call()
    {
        foreach (int count in s_counts)
        {
            for (int done = 0; done < PerCount; done += count)
            {
                Loop(_objects.AsSpan(0, count));
            }
        }
    }

    public override void Dispose() => TAllocator.GiveBack();

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Loop(Span<TObject> objects)
    {
        for (int i = 0; i < objects.Length; i++)
        {
            TObject obj = TAllocator.Alloc();
            obj.Word = i;
            objects[i] = obj;
        }

        int half = objects.Length / 2;
        for (int i = 0; i < half; i++)
        {
            TAllocator.Free(objects[i]);
        }

        for (int i = objects.Length - 1; i >= half; i--)
        {
            TAllocator.Free(objects[i]);
        }
    }
}
