using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using SlabGen.Benchmarks.Allocators;

namespace SlabGen.Benchmarks.Memory;

/// <summary>One measurement in a process of its own: <c>memory-child kind allocator size count</c> prints a JSON object.</summary>
internal static class MemoryChild
{
    public const string Command = "memory-child";

    /// <summary>The kinds of measurement.</summary>
    public const string Use = "use", Idle = "idle", DyingThreads = "dying-threads", Shrink = "shrink";

    private static readonly JsonSerializerOptions s_json = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    public static JsonObject Run(Options options, string kind, string allocator, int size, int count) =>
        (JsonObject)JsonNode.Parse(SelfProcess.Run(
            [Command, kind, allocator, size.ToString(CultureInfo.InvariantCulture), count.ToString(CultureInfo.InvariantCulture), .. options.PeerArguments]))!;

    public static void Measure(Options options)
    {
        int size = int.Parse(options.Values[2], CultureInfo.InvariantCulture), count = int.Parse(options.Values[3], CultureInfo.InvariantCulture);
        Peer peer = PeersBySize.Get(size).Peers().FirstOrDefault(peer => peer.Name == options.Values[1])
            ?? throw new ArgumentException($"There is no allocator '{options.Values[1]}'.");
        object result = options.Values[0] switch
        {
            Use => peer.Accept(new MemoryUseVisitor(count)),
            Idle => peer.Accept(new IdleUseVisitor(count)),
            DyingThreads => peer.Accept(new DyingThreadsVisitor(count)),
            Shrink => peer.Accept(new ShrinkTimeVisitor(count)),
            string kind => throw new ArgumentException($"There is no measurement '{kind}'."),
        };
        Console.WriteLine(JsonSerializer.Serialize(result, s_json));
    }
}
