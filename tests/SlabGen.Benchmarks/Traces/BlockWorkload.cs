using SlabGen.Benchmarks.Allocators.Libraries;
using SlabGen.Benchmarks.Workloads;
using SlabGen.TraceReplay;

namespace SlabGen.Benchmarks.Traces;

/// <summary>A workload of blocks of any size: for <see cref="Kmalloc"/>, malloc and the libraries.</summary>
internal abstract class BlockWorkload(string name) : Workload(name)
{
    public override IReadOnlyList<Lane> OpenLanes()
    {
        Lane[] lanes = [.. OpenAll()];
        TierOne.Reach([.. lanes.Select(lane => (Action)lane.Call)], TimeSpan.FromMilliseconds(100), maxRounds: 6);
        return lanes;
    }

    /// <summary>None: the loop is entered once a call, and comes to tier 1 by itself, when lanes are opened.</summary>
    public override IReadOnlyList<Action> WarmUps() => [];

    protected abstract Lane Open<TAllocator>(string allocator)
        where TAllocator : struct, TraceReplay.IAllocator;

    protected virtual IEnumerable<Lane> OpenAll() =>
    [
        Open<SlabGenAllocator>(Allocators.Peers.SlabGen),
        Open<MallocAllocator>(Allocators.Peers.Native),
        .. Allocators.Peers.Libraries.Select(library => OpenLibrary(library.Slot, library.Name)),
    ];

    protected override Lane Open<TAllocator, TObject>(string allocator) => throw new NotSupportedException();

    protected override Action WarmUp<TAllocator, TObject>() => throw new NotSupportedException();

    private Lane OpenLibrary(int slot, string name) => slot switch
    {
        0 => Open<LibraryTraceAllocator<LibrarySlot0>>(name),
        1 => Open<LibraryTraceAllocator<LibrarySlot1>>(name),
        2 => Open<LibraryTraceAllocator<LibrarySlot2>>(name),
        3 => Open<LibraryTraceAllocator<LibrarySlot3>>(name),
        4 => Open<LibraryTraceAllocator<LibrarySlot4>>(name),
        _ => Open<LibraryTraceAllocator<LibrarySlot5>>(name),
    };
}
