using System.Text.Json.Nodes;
using SlabGen.Benchmarks.Results;

namespace SlabGen.Benchmarks.Collections;

/// <summary><c>collections</c>: collections in slabs next to the BCL's, in turns, with the goals that are missed.</summary>
internal static class CollectionsCommand
{
    private sealed record Line(string What, double Slab, double Bcl, double? Goal)
    {
        public double Ratio => Slab / Bcl;

        public string Verdict => Goal is not { } goal ? "" : Ratio <= goal ? "met" : "**missed**";
    }

    public static void Run(Options options)
    {
        int entries = options.Quick ? 1_000_000 : 10_000_000;
        int rounds = options.Quick ? 2 : 5;
        var lines = new List<Line>();
        TableFigures[] slab = new TableFigures[rounds], bcl = new TableFigures[rounds];
        Tables(1000, rounds, slab, bcl); // comes to the last tier
        Add($"look-up, 1000 entries, ns", slab, bcl, f => f.Lookup, 1.2);
        Add($"insertion, 1000 entries, ns", slab, bcl, f => f.Insert, 1.0);
        Tables(entries, rounds, slab, bcl);
        string many = $"{entries:n0} entries";
        Add($"look-up, {many}, ns", slab, bcl, f => f.Lookup, 1.2);
        Add($"look-up of an absent key, {many}, ns", slab, bcl, f => f.Miss, 1.2);
        Add($"insertion, {many}, ns", slab, bcl, f => f.Insert, 1.0);
        Add($"removal, {many}, ns", slab, bcl, f => f.Remove, null);
        lines.Add(new Line($"longest insertion, {many}, µs, at the same entry in each run",
            TableRun.LongestOf([.. slab.Select(f => f.LongestInserts)]), TableRun.LongestOf([.. bcl.Select(f => f.LongestInserts)]), 0.01));
        Add($"resident memory, {many}, bytes per entry", slab, bcl, f => f.BytesPerEntry, 0.8);
        Add($"the same after an aggressive collection", slab, bcl, f => f.BytesAtLeast, 0.8);
        Add($"the same after all were removed", slab, bcl, f => f.BytesLeft, null);
        Add($"pause of a collection, {many}, µs", slab, bcl, f => f.CollectorPause, null);

        ListFigures[] slabList = new ListFigures[rounds], bclList = new ListFigures[rounds];
        for (int round = 0; round < rounds; round++)
        {
            (slabList[round], bclList[round]) = (ListRun.Slab(entries), ListRun.Bcl(entries));
        }

        Add("list: addition, ns", slabList, bclList, f => f.Add, null);
        Add("list: item by index, ns", slabList, bclList, f => f.Read, null);
        Add("list: item in a walk, ns", slabList, bclList, f => f.Walk, null);
        Add("list: longest addition, µs", slabList, bclList, f => f.LongestAdd, null);

        SharedFigures[] slabShared = new SharedFigures[rounds], together = new SharedFigures[rounds], bclShared = new SharedFigures[rounds];
        SharedRun.InTurns(1_000_000, slabShared, together, bclShared);
        Add("two readers beside a writer, 1,000,000 keys that stay: look-up, ns", slabShared, bclShared, f => f.Read, 0.5);
        Add("the same, 16 keys at a time", together, bclShared, f => f.Read, 0.5);
        Add("the same: the writer's operation, ns", slabShared, bclShared, f => f.Write, null);

        foreach (int sortedEntries in (int[])[1000, options.Quick ? 200_000 : 1_000_000])
        {
            SortedFigures[] slabSorted = new SortedFigures[rounds], bclSorted = new SortedFigures[rounds];
            for (int round = -(100_000 / sortedEntries); round < rounds; round++) // first to the last tier
            {
                (SortedFigures slabs, SortedFigures bcls) = (SortedRun.Slab(sortedEntries), SortedRun.Bcl(sortedEntries));
                (slabSorted[Math.Max(round, 0)], bclSorted[Math.Max(round, 0)]) = (slabs, bcls);
            }

            string sorted = $"sorted map, {sortedEntries:n0} entries: ";
            Add(sorted + "look-up, ns", slabSorted, bclSorted, f => f.Find, 1.0 / 3);
            Add(sorted + "entry in a walk, ns", slabSorted, bclSorted, f => f.Scan, 1.0 / 3);
            Add(sorted + "insertion, ns", slabSorted, bclSorted, f => f.Add, null);
            Add(sorted + "removal, ns", slabSorted, bclSorted, f => f.Remove, null);
        }

        int queued = options.Quick ? 1_000_000 : 5_000_000;
        QueueFigures[] slabQueue = new QueueFigures[rounds], bclQueue = new QueueFigures[rounds];
        for (int round = 0; round < rounds; round++)
        {
            (slabQueue[round], bclQueue[round]) = (QueueRun.Slab(queued), QueueRun.Bcl(queued));
        }

        Add($"queue, {queued:n0} items in and out, ns an item", slabQueue, bclQueue, f => f.Fill, null);
        Add("queue: longest addition, µs", slabQueue, bclQueue, f => f.Longest, null);
        Add("queue between two threads, ns an item, next to `ConcurrentQueue`", slabQueue, bclQueue, f => f.Between, null);
        Add($"stack, {queued:n0} items in and out, ns an item", slabQueue, bclQueue, f => f.Stack, null);

        const int Keys = 1_000_000;
        lines.Add(new Line($"map of bytes, {Keys:n0} keys of {ByteMapRun.KeyBytes} and values of {ByteMapRun.ValueBytes}, bytes per entry",
            ByteMapRun.Slab(Keys), ByteMapRun.Bcl(Keys), null));
        double most = ((ByteMapRun.KeyBytes + ByteMapRun.ValueBytes) * 1.15) + 16;
        Report(options, lines, rounds, $"The goal of the map of bytes is {most:f0} bytes per entry: {(lines[^1].Slab <= most ? "met" : "**missed**")}.");

        void Add<TFigures>(string what, TFigures[] slabs, TFigures[] bcls, Func<TFigures, double> figure, double? goal) =>
            lines.Add(new Line(what, Median(slabs.Select(figure)), Median(bcls.Select(figure)), goal));
    }

    private static void Tables(int entries, int rounds, TableFigures[] slab, TableFigures[] bcl)
    {
        for (int round = 0; round < rounds; round++)
        {
            slab[round] = TableRun<SlabTable>.Run(entries, () => new SlabTable());
            bcl[round] = TableRun<BclTable>.Run(entries, () => new BclTable());
        }
    }

    private static void Report(Options options, List<Line> lines, int rounds, string goalOfBytes)
    {
        string markdown = $"""
            {Machine.Summary}, {Machine.Date}. Median of {rounds} runs, the two kinds in turns. Resident memory is taken
            after a collection, and after an aggressive one, which few programs ask for: the BCL's at its least.

            {Markdown.Header("", ["SlabGen", "BCL", "ratio", "at most", ""])}
            {string.Join('\n', lines.Select(line => Markdown.Row(line.What,
                [Markdown.Number(line.Slab), Markdown.Number(line.Bcl), Markdown.Ratio(line.Ratio), Markdown.Ratio(line.Goal), line.Verdict])))}

            {goalOfBytes}
            """;
        var json = new JsonObject
        {
            ["collections"] = new JsonObject(lines.Select(line => KeyValuePair.Create(line.What, (JsonNode?)new JsonObject
            {
                ["slabgen"] = Math.Round(line.Slab, 3),
                ["bcl"] = Math.Round(line.Bcl, 3),
                ["goal"] = line.Goal,
            }))),
            ["machine"] = Machine.ToJson(),
        };
        Console.WriteLine(options.Json ? json.ToString() : markdown);
        if (options.Write)
        {
            ResultFiles.Write("collections", markdown, json);
        }
    }

    private static double Median(IEnumerable<double> figures)
    {
        double[] sorted = [.. figures.Order()];
        return sorted[sorted.Length / 2];
    }
}
