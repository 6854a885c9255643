using SlabGen.Benchmarks.Workloads;
using SlabGen.TraceReplay;

namespace SlabGen.Benchmarks.Traces;

/// <summary>
/// The allocations of a real program, replayed without stamps by as many threads as it had: the timed pass of the
/// program TraceReplay, on <see cref="Kmalloc"/>, on malloc and on the libraries. Time per operation, not per pair.
/// </summary>
internal sealed class TraceReplayWorkload(string name, string file) : BlockWorkload("trace-" + name)
{
    private readonly Lazy<Trace> _trace = new(() => TraceReader.Read(file));

    protected override Lane Open<TAllocator>(string allocator) => new TraceLane<TAllocator>(allocator, _trace.Value);
}

/// <inheritdoc cref="TraceReplayWorkload"/>
internal sealed class TraceLane<TAllocator> : Lane
    where TAllocator : struct, TraceReplay.IAllocator
{
    private readonly ReplayPlan _plan;
    private readonly nint[] _addresses;
    private readonly ReplayThreads _threads;

    public TraceLane(string allocator, Trace trace)
        : base(allocator)
    {
        _plan = new ReplayPlan(trace);
        _addresses = new nint[trace.ObjectCount];
        _threads = new ReplayThreads(trace.ThreadCount);
        ObjectsPerCall = trace.Records.Length;
    }

    /// <summary>Operations, that is.</summary>
    public override int ObjectsPerCall { get; }

    public override void Call() => Time();

    /// <summary>Of the replay alone, without what frees the objects that the program never freed.</summary>
    public override TimeSpan Time()
    {
        Array.Clear(_addresses);
        var replay = new TimedReplay<TAllocator>(_plan, _addresses);
        _threads.Run(replay);
        _threads.Run(new FreeLeftovers<TAllocator>(_plan, _addresses, checks: null));
        return replay.Elapsed;
    }

    public override void Dispose()
    {
        _threads.Dispose();
        TAllocator.Shrink();
    }
}
