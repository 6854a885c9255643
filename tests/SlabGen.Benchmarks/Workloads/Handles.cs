using System.Runtime.CompilerServices;
using SlabGen.Benchmarks.Allocators;

namespace SlabGen.Benchmarks.Workloads;

/// <summary>One read: the first word of so many objects in a random order, by handle and by plain pointer.</summary>
internal sealed class Handles(string name, int count) : Workload(name)
{
    public override IReadOnlyList<Lane> OpenLanes() => [new HandlesLane(Allocators.Peers.SlabGen, byHandle: true, count), new HandlesLane("pointer", byHandle: false, count)];

    public override IReadOnlyList<Action> WarmUps() => [HandlesLane.WarmUp];

    protected override Lane Open<TAllocator, TObject>(string allocator) => throw new NotSupportedException();

    protected override Action WarmUp<TAllocator, TObject>() => throw new NotSupportedException();
}

/// <inheritdoc cref="Handles"/>
internal sealed class HandlesLane : Lane
{
    private static readonly HandlesLane s_warmUp = new("warm-up", byHandle: true, TierOne.WarmUpIterations);

    private readonly SlabHandles<Object64> _objects = new(SlabRuntime.Default.CreateCache<Object64>("handles"));
    private readonly SlabHandle<Object64>[] _handles;
    private readonly NativeObject[] _pointers;
    private readonly bool _byHandle;

    public HandlesLane(string allocator, bool byHandle, int count)
        : base(allocator)
    {
        _handles = new SlabHandle<Object64>[count];
        _pointers = new NativeObject[count];
        _byHandle = byHandle;
        for (int i = 0; i < count; i++)
        {
            _handles[i] = _objects.Alloc();
        }

        new Random(1).Shuffle(_handles);
        for (int i = 0; i < count; i++)
        {
            _handles[i].TryGet(out SlabPtr<Object64> pointer);
            _pointers[i] = new NativeObject(pointer.Address) { Word = i };
        }
    }

    /// <summary>Reads, that is.</summary>
    public override int ObjectsPerCall => _handles.Length;

    public static void WarmUp()
    {
        _ = Sum(s_warmUp._handles);
        _ = Sum(s_warmUp._pointers);
    }

    public override void Call()
    {
        long sum = _byHandle ? Sum(_handles) : Sum(_pointers);
        if (sum != (long)_handles.Length * (_handles.Length - 1) / 2)
        {
            throw new InvalidOperationException($"The words of {_handles.Length} objects sum up to {sum}.");
        }
    }

    public override void Dispose()
    {
        Array.ForEach(_handles, _objects.Free);
        _objects.Cache.Destroy();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static long Sum(ReadOnlySpan<SlabHandle<Object64>> handles)
    {
        long sum = 0;
        foreach (SlabHandle<Object64> handle in handles)
        {
            sum += Unsafe.As<Object64, long>(ref handle.Value);
        }

        return sum;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static long Sum(ReadOnlySpan<NativeObject> pointers)
    {
        long sum = 0;
        foreach (NativeObject pointer in pointers)
        {
            sum += pointer.Word;
        }

        return sum;
    }
}
