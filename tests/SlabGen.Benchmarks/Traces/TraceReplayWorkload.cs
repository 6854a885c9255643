using SlabGen.Benchmarks.Allocators;
using SlabGen.Benchmarks.Allocators.Libraries;
using SlabGen.Benchmarks.Workloads;
using SlabGen.TraceReplay;

namespace SlabGen.Benchmarks.Traces;

/// <summary>
/// The allocations of a real program, replayed without stamps by as many threads as it had: the timed pass of the
/// program TraceReplay, on <see cref="Kmalloc"/>, on malloc and on the libraries. Time per operation, not per pair.
/// </summary>
internal sealed class TraceReplayWorkload(string name, string file) : Workload("trace-" + name)
{
    private readonly Lazy<Trace> _trace = new(() => TraceReader.Read(file));

    public override IReadOnlyList<Lane> OpenLanes()
    {
        Lane[] lanes = [.. Open()];
        TierOne.Reach([.. lanes.Select(lane => (Action)lane.Call)], TimeSpan.FromMilliseconds(100), maxRounds: 6);
        return lanes;
    }

    /// <summary>None: a replay enters its loop once for 4096 operations, and comes to tier 1 by itself, when lanes are opened.</summary>
    public override IReadOnlyList<Action> WarmUps() => [];

    private IEnumerable<Lane> Open() =>
    [
        new TraceLane<SlabGenAllocator>(Allocators.Peers.SlabGen, _trace.Value),
        new TraceLane<MallocAllocator>(Allocators.Peers.Native, _trace.Value),
        .. Allocators.Peers.Libraries.Select(library => OpenLibrary(library.Slot, library.Name)),
    ];

    protected override Lane Open<TAllocator, TObject>(string allocator) => throw new NotSupportedException();

    protected override Action WarmUp<TAllocator, TObject>() => throw new NotSupportedException();

    private Lane OpenLibrary(int slot, string name) => slot switch
    {
        0 => new TraceLane<LibraryTraceAllocator<LibrarySlot0>>(name, _trace.Value),
        1 => new TraceLane<LibraryTraceAllocator<LibrarySlot1>>(name, _trace.Value),
        2 => new TraceLane<LibraryTraceAllocator<LibrarySlot2>>(name, _trace.Value),
        3 => new TraceLane<LibraryTraceAllocator<LibrarySlot3>>(name, _trace.Value),
        4 => new TraceLane<LibraryTraceAllocator<LibrarySlot4>>(name, _trace.Value),
        _ => new TraceLane<LibraryTraceAllocator<LibrarySlot5>>(name, _trace.Value),
    };
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
