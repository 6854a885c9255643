using SlabGen.Benchmarks.Allocators;

namespace SlabGen.Benchmarks.Workloads;

/// <summary>A workload, with a lane for every allocator that it compares.</summary>
internal sealed record Workload(string Name, Func<Lane[]> OpenLanes)
{
    /// <summary>
    /// The workloads in the order in which they run: those that leave free memory in random order come last, since the
    /// C library's lists keep that order.
    /// </summary>
    public static IReadOnlyList<Workload> All { get; } =
    [
        new("pair", () => [new PairLane<SlabGen64>(), new PairLane<KmallocAllocator<Object64>>(), new PairLane<NativeAllocator<Object64>>()]),
        new("batch1000", () => [new BatchLane<SlabGen64>(1000), new BatchLane<KmallocAllocator<Object64>>(1000), new BatchLane<NativeAllocator<Object64>>(1000)]),
        ProducerConsumer(1),
        ProducerConsumer(2),
        ProducerConsumer(16),
        ProducerConsumer(64),
        Replace("replace128k", 1 << 17),
        Replace("replace1m", 1 << 20),
    ];

    private static Workload ProducerConsumer(int window) => new(
        $"producer-consumer-{window}",
        () => [new ProducerConsumerLane<SlabGen64>(window), new ProducerConsumerLane<KmallocAllocator<Object64>>(window), new ProducerConsumerLane<NativeAllocator<Object64>>(window)]);

    private static Workload Replace(string name, int live) => new(
        name,
        () => [new ReplaceLane<SlabGen64>(live), new ReplaceLane<KmallocAllocator<Object64>>(live), new ReplaceLane<NativeAllocator<Object64>>(live)]);
}
