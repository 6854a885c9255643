using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using SlabGen.Benchmarks.Workloads;

namespace SlabGen.Benchmarks.Gc;

/// <summary>What the collector takes from a program with so many live objects.</summary>
/// <param name="Nanoseconds">Per replacement, pauses included.</param>
/// <param name="TotalPause">Milliseconds in which the collector had stopped all threads.</param>
/// <param name="LongestPause">Milliseconds of the longest.</param>
/// <param name="LongestStall">Milliseconds between two looks at the clock of the working thread, at most: pauses, and what else kept it waiting.</param>
/// <param name="Collections">By generation.</param>
internal sealed record GcUse(int Objects, double Seconds, double Nanoseconds, double TotalPause, double LongestPause, double LongestStall, int[] Collections);

/// <summary><c>gc-child</c>: one live set in a process of its own, with the collector as programs have it by default: concurrent.</summary>
/// <remarks>
/// Each replacement also allocates 32 bytes of garbage, as programs do, so that there are collections in every variant. The
/// working thread asks for the total of pauses every 64 replacements, some microseconds: what it grew by is one pause.
/// </remarks>
internal static class GcChild
{
    public const string Command = "gc-child";

    private const int PerLook = 64;

    private static readonly JsonSerializerOptions s_json = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase };
    private static object? s_garbage;

    public static JsonObject Run(string liveSet, int count, double seconds) =>
        (JsonObject)JsonNode.Parse(SelfProcess.Run(
            [Command, liveSet, count.ToString(CultureInfo.InvariantCulture), seconds.ToString(CultureInfo.InvariantCulture)],
            new Dictionary<string, string> { ["DOTNET_gcConcurrent"] = "1" }))!;

    public static void Measure(Options options)
    {
        int count = int.Parse(options.Values[1], CultureInfo.InvariantCulture);
        TimeSpan time = TimeSpan.FromSeconds(double.Parse(options.Values[2], CultureInfo.InvariantCulture));
        GcUse use = options.Values[0] switch
        {
            "slabgen" => Measure<SlabLiveSet>(count, time),
            "class" => Measure<ClassLiveSet>(count, time),
            "array" => Measure<ArrayLiveSet>(count, time),
            string name => throw new ArgumentException($"There is no live set '{name}'."),
        };
        Console.WriteLine(JsonSerializer.Serialize(use, s_json));
    }

    private static GcUse Measure<TLiveSet>(int count, TimeSpan time)
        where TLiveSet : struct, ILiveSet
    {
        TLiveSet.Fill(count);
        uint random = 2463534242;
        TierOne.Reach([() => random = Replace<TLiveSet>(count, random)]);
        for (long warm = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(warm) < time / 4;)
        {
            random = Replace<TLiveSet>(count, random); // the collector's budgets settle
        }

        int[] collections = [.. Enumerable.Range(0, 3).Select(GC.CollectionCount)];
        TimeSpan firstPause = GC.GetTotalPauseDuration(), pause = firstPause, longestPause = default, longestStall = default;
        long start = Stopwatch.GetTimestamp(), last = start, replaced = 0;
        while (Stopwatch.GetElapsedTime(start, last) < time)
        {
            random = Replace<TLiveSet>(count, random);
            replaced += PerLook;
            long now = Stopwatch.GetTimestamp();
            TimeSpan stall = Stopwatch.GetElapsedTime(last, now), nowPause = GC.GetTotalPauseDuration();
            longestStall = stall > longestStall ? stall : longestStall;
            longestPause = nowPause - pause > longestPause ? nowPause - pause : longestPause;
            (last, pause) = (now, nowPause);
        }

        TimeSpan elapsed = Stopwatch.GetElapsedTime(start, last);
        return new GcUse(
            count,
            elapsed.TotalSeconds,
            elapsed.TotalNanoseconds / replaced,
            (pause - firstPause).TotalMilliseconds,
            longestPause.TotalMilliseconds,
            longestStall.TotalMilliseconds,
            [.. collections.Select((before, generation) => GC.CollectionCount(generation) - before)]);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static uint Replace<TLiveSet>(int count, uint random)
        where TLiveSet : struct, ILiveSet
    {
        for (int i = 0; i < PerLook; i++)
        {
            random = XorShift.Next(random);
            TLiveSet.Replace((int)(((ulong)random * (uint)count) >> 32), i);
            s_garbage = new long[1];
        }

        return random;
    }
}
