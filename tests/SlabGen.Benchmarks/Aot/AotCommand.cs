using System.Globalization;
using System.Text.Json.Nodes;
using SlabGen.Benchmarks.Jit;
using SlabGen.Benchmarks.Results;

namespace SlabGen.Benchmarks.Aot;

/// <summary>
/// <c>aot</c>: <c>SlabGen.Benchmarks.Aot</c> compiled ahead of time and by the JIT, both run in turns; and the machine code of
/// the fast path in the former, as <c>objdump</c> shows it.
/// </summary>
internal static class AotCommand
{
    /// <summary>The exit code when a tool is missing; which one is on standard error.</summary>
    public const int Skipped = 3;

    private const string Project = "SlabGen.Benchmarks.Aot";
    private const int Turns = 3;

    public static int Run(Options options)
    {
        string? linker = new[] { "clang", "gcc" }.FirstOrDefault(Tool.IsOnPath);
        if (!OperatingSystem.IsLinux() || linker is null || !Tool.IsOnPath("objdump"))
        {
            Console.Error.WriteLine("This needs Linux, clang or gcc, and objdump.");
            return Skipped;
        }

        string root = RepositoryRoot.Require(), project = Path.Combine(root, "tests", Project), output = Path.Combine(root, ".artifacts", "publish", Project);
        Tool.Run("dotnet", "publish", project, "-c", "Release", "-v", "q", "-p:Aot=true", "-p:CppCompilerAndLinker=" + linker, "-o", Path.Combine(output, "aot"));
        Tool.Run("dotnet", "publish", project, "-c", "Release", "-v", "q", "-o", Path.Combine(output, "jit"));

        string program = Path.Combine(output, "aot", Project);
        JitListing[] listings = [.. FastPath.Methods.Select(method => Disassemble(program, method))];
        var times = new Dictionary<string, (List<double> Jit, List<double> Aot)>();
        for (int turn = 0; turn < (options.Quick ? 1 : Turns); turn++)
        {
            foreach ((string name, double nanoseconds) in Times(Tool.Run("dotnet", Path.Combine(output, "jit", Project + ".dll"))))
            {
                (times.TryGetValue(name, out (List<double> Jit, List<double> Aot) lists) ? lists : times[name] = ([], [])).Jit.Add(nanoseconds);
            }

            foreach ((string name, double nanoseconds) in Times(Tool.Run(program)))
            {
                times[name].Aot.Add(nanoseconds);
            }
        }

        Report(options, listings, times.ToDictionary(row => row.Key, row => (Jit: Median(row.Value.Jit), Aot: Median(row.Value.Aot))));
        return 0;
    }

    private static void Report(Options options, JitListing[] listings, Dictionary<string, (double Jit, double Aot)> times)
    {
        var json = new JsonObject
        {
            ["workloads"] = new JsonObject(times.Select(row => KeyValuePair.Create(row.Key, (JsonNode?)new JsonObject { ["jit"] = row.Value.Jit, ["aot"] = row.Value.Aot }))),
            ["methods"] = new JsonArray([.. listings.Select(listing => (JsonNode)new JsonObject
            {
                ["method"] = listing.Method,
                ["straightPath"] = listing.StraightPath().Count,
                ["straightCalls"] = listing.StraightPath().Count(instruction => instruction.IsCall),
                ["locks"] = listing.Locks.Count(),
                ["calls"] = new JsonArray([.. listing.Calls.Select(call => (JsonNode?)call.Operands)]),
            })]),
            ["machine"] = Machine.ToJson(),
        };
        string markdown = $"""
            {Machine.Summary}, {Machine.Date}.

            Nanoseconds per allocation and free of 64 bytes, the same program under the JIT (tier 1) and under NativeAOT; medians of {(options.Quick ? 1 : Turns)} processes each.

            {Markdown.Header("workload", ["JIT", "NativeAOT", "NativeAOT / JIT"])}
            {string.Join('\n', times.Select(row => Markdown.Row(row.Key, [Markdown.Number(row.Value.Jit), Markdown.Number(row.Value.Aot), Markdown.Ratio(row.Value.Aot / row.Value.Jit)])))}

            Instructions on the way through, by objdump: {string.Join(", ", listings.Select(l => $"{l.Method} {l.StraightPath().Count} with {l.StraightPath().Count(i => i.IsCall)} calls"))}.
            """;
        if (options.Json)
        {
            Console.WriteLine(json);
        }
        else
        {
            Console.WriteLine(markdown);
            foreach (JitListing listing in listings)
            {
                Console.WriteLine($"\n{listing.Method}\n  {string.Join("\n  ", listing.Instructions)}");
            }
        }

        if (options.Write)
        {
            ResultFiles.Write("aot", markdown, json);
        }
    }

    private static JitListing Disassemble(string program, string method)
    {
        string symbol = Tool.Run("nm", program).Split('\n').Select(line => line.Split(' ')[^1])
            .FirstOrDefault(name => name.EndsWith($"{nameof(FastPath)}__{method}", StringComparison.Ordinal))
            ?? throw new InvalidOperationException($"{program} has no symbol of {nameof(FastPath)}.{method}.");
        return JitListing.OfObjdump(method, Tool.Run("objdump", "-d", "-M", "intel", "--no-show-raw-insn", "--disassemble=" + symbol, program));
    }

    private static IEnumerable<(string Name, double Nanoseconds)> Times(string output) =>
        output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' ')).Select(words => (words[0], double.Parse(words[1], CultureInfo.InvariantCulture)));

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
