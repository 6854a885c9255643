using System.Globalization;
using System.Text.Json.Nodes;
using SlabGen.Benchmarks.Allocators;

namespace SlabGen.Benchmarks.Memory;

/// <summary>All measurements of memory, each in a process of its own: by kind and size, then by allocator.</summary>
internal static class MemoryMeasurements
{
    private const int Megabyte = 1_000_000;
    private const int IdleSize = 64;

    private static readonly int[] s_sizes = [24, 64, 96, 200, 1000];

    /// <param name="isInTime">Asked before each size: whether there is time for it.</param>
    public static JsonObject Take(Options options, Func<int, bool> isInTime)
    {
        int bytes = (options.Quick ? 20 : 200) * Megabyte, sweepBytes = 20 * Megabyte;
        var result = new JsonObject();
        foreach (int size in (options.Quick ? [IdleSize] : s_sizes).Where(isInTime))
        {
            result[Name(size)] = OfEach(options, MemoryChild.Use, size, bytes / size);
        }

        if (!options.Quick)
        {
            result["idle"] = OfEach(options, MemoryChild.Idle, IdleSize, bytes / IdleSize, together: true); // they sleep
            result["mleak"] = OfEach(options, MemoryChild.DyingThreads, IdleSize, 4000);
            result["shrink"] = OfEach(options, MemoryChild.Shrink, IdleSize, 1_000_000);
        }

        foreach (int size in PeersBySize.All.Select(size => size.Bytes).Where(size => !options.Quick && !s_sizes.Contains(size) && isInTime(size)))
        {
            result[Name(size)] = OfEach(options, MemoryChild.Use, size, sweepBytes / size);
        }

        return result;

        static string Name(int size) => size.ToString(CultureInfo.InvariantCulture);
    }

    private static JsonObject OfEach(Options options, string kind, int size, int count, bool together = false)
    {
        string[] allocators = [.. PeersBySize.Get(size).Peers().Select(peer => peer.Name).Where(IsOfInterest)];
        Task<JsonObject>[] results = new Task<JsonObject>[allocators.Length];
        for (int i = 0; i < allocators.Length; i++)
        {
            string allocator = allocators[i];
            results[i] = Task.Run(() => MemoryChild.Run(options, kind, allocator, size, count));
            if (!together)
            {
                results[i].Wait();
            }
        }

        return new JsonObject(allocators.Select((allocator, i) => KeyValuePair.Create(allocator, (JsonNode?)results[i].GetAwaiter().GetResult())));
    }

    /// <summary>How a library is called does not matter to memory, AllocHGlobal is malloc, and pools hold classes or arrays.</summary>
    private static bool IsOfInterest(string allocator) => allocator is not ("hglobal" or "arraypool" or "objectpool") && !allocator.EndsWith(Peers.PInvokeSuffix, StringComparison.Ordinal);
}
