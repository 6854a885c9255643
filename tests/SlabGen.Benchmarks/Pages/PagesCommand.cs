using System.Text.Json.Nodes;

namespace SlabGen.Benchmarks.Pages;

/// <summary><c>pages</c>: whole pages, against the system's and the C library's; and what their frames cost.</summary>
internal static class PagesCommand
{
    private const int Operations = 1000;

    private static readonly long[] s_managed = [1L << 20, 16L << 20, 256L << 20, 1L << 30, 8L << 30];

    public static void Run(Options options)
    {
        int runs = options.Quick ? 3 : 9;
        TimeSpan runTime = TimeSpan.FromMilliseconds(options.Quick ? 30 : 150);
        (PageLane[] lanes, SlabRuntime[] runtimes) = Open();
        PageLane.Measure(lanes, runs, runTime);
        Dictionary<string, double> ns = lanes.ToDictionary(l => l.Name, l => l.Nanoseconds);
        double[] sizes = [.. ns.Where(n => n.Key.StartsWith("pair of ", StringComparison.Ordinal)).Select(n => n.Value)];

        (string What, double Value, string Limit, bool IsMet)[] targets =
        [
            ("mmap+munmap / order0", ns["mmap+munmap"] / ns["order0"], "at least 10", ns["mmap+munmap"] / ns["order0"] >= 10),
            ("AlignedAlloc / order0", ns["aligned"] / ns["order0"], "at least 2", ns["aligned"] / ns["order0"] >= 2),
            ("order3 / order0", ns["order3"] / ns["order0"], "at most 3", ns["order3"] / ns["order0"] <= 3),
            ("dearest / cheapest managed size", sizes.Max() / sizes.Min(), "constant", sizes.Max() / sizes.Min() <= 1.5),
            ("frames, % of the pages in use", FramesPercent(), "at most 1.6", FramesPercent() <= 1.6),
        ];
        if (options.Json)
        {
            Console.WriteLine(new JsonObject
            {
                ["pages"] = new JsonObject(ns.Select(n => KeyValuePair.Create(n.Key, (JsonNode?)Math.Round(n.Value, 2)))),
                ["targets"] = new JsonObject(targets.Select(t => KeyValuePair.Create(t.What, (JsonNode?)Math.Round(t.Value, 2)))),
                ["machine"] = Machine.ToJson(),
            });
        }
        else
        {
            Console.WriteLine(Machine.Summary);
            Console.WriteLine($"ns per allocation and free of pages that nobody touches, median of {runs} interleaved runs at tier 1.");
            Console.WriteLine();
            Console.WriteLine("| what                              |       ns |");
            Console.WriteLine("|:----------------------------------|---------:|");
            foreach (PageLane lane in lanes)
            {
                Console.WriteLine($"| {lane.Name,-33} | {lane.Nanoseconds,8:f1} |");
            }

            Console.WriteLine();
            Console.WriteLine("| ratio                             |    value | wanted      |     |");
            Console.WriteLine("|:----------------------------------|---------:|:------------|:----|");
            foreach ((string what, double value, string limit, bool isMet) in targets)
            {
                Console.WriteLine($"| {what,-33} | {value,8:f2} | {limit,-11} | {(isMet ? "yes" : "NO")} |");
            }
        }

        Array.ForEach(runtimes, r => GC.KeepAlive(r));
    }

    private static (PageLane[] Lanes, SlabRuntime[] Runtimes) Open()
    {
        var runtime = new SlabRuntime(new SlabRuntimeOptions { MemoryLimit = 1L << 30 });
        var lanes = new List<PageLane>();
        foreach (int order in new[] { 0, 1, 2, 3, 4, 6, 10 })
        {
            lanes.Add(new PageLane($"order{order}", Operations, count => PageWork.Pairs(runtime.Pages, order, count)));
        }

        var hundredPages = new PagePtr[100];
        var hundred = new nint[100];
        lanes.Add(new PageLane("batch of 100", Operations, count => PageWork.Batches(runtime.Pages, hundredPages, count)));
        lanes.Add(new PageLane("aligned", Operations, PageWork.AlignedPairs));
        lanes.Add(new PageLane("aligned, batch of 100", Operations, count => PageWork.AlignedBatches(hundred, count)));
        lanes.Add(new PageLane("mmap+munmap", Operations, PageWork.MapPairs));

        var runtimes = new List<SlabRuntime> { runtime };
        foreach (long bytes in s_managed)
        {
            // Half of it in use, in single pages that were taken and given back at random.
            var managed = new SlabRuntime(new SlabRuntimeOptions { MemoryLimit = bytes, ReapInterval = Timeout.InfiniteTimeSpan });
            var random = new Random(1);
            var held = new PagePtr[bytes / PageAllocator.PageSize / 2];
            for (int i = 0; i < held.Length; i++)
            {
                held[i] = managed.Pages.AllocPages(GfpFlags.Kernel, 0);
            }

            string size = bytes < 1 << 30 ? $"{bytes >> 20} MiB" : $"{bytes >> 30} GiB";
            lanes.Add(new PageLane($"pair of {size}, half in use", Operations, count => PageWork.Pairs(managed.Pages, 0, count)));
            lanes.Add(new PageLane($"random replace in {size}", Operations, count => PageWork.Replace(managed.Pages, held, random, count)));
            runtimes.Add(managed);
        }

        return ([.. lanes], [.. runtimes]);
    }

    /// <summary>Page frames of a runtime of 1 GiB of which all pages are in use, in percent of these.</summary>
    private static double FramesPercent()
    {
        using var runtime = new SlabRuntime(new SlabRuntimeOptions { MemoryLimit = 1L << 30, MinFreeBytes = 0 });
        var held = new List<PagePtr>();
        while (runtime.Pages.TryAllocPages(GfpFlags.NoWait, 10, out PagePtr page))
        {
            held.Add(page);
        }

        long used = held.Count * (long)PageAllocator.PageSize << 10;
        double percent = 100.0 * (runtime.CommittedBytes - used) / used;
        held.ForEach(runtime.Pages.FreePages);
        return percent;
    }
}
