using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using SlabGen.Benchmarks.Results;

namespace SlabGen.Benchmarks.Start;

/// <summary>
/// <c>start</c>: what the first object of a process costs, and that of a second cache. <c>SlabGen.Benchmarks.Aot</c> is run many times in
/// turns: with SlabGen as this repository builds it, as its package has it (ReadyToRun), and compiled ahead of time whole.
/// </summary>
internal static class StartCommand
{
    private const string Project = "SlabGen.Benchmarks.Aot";
    private const int Turns = 15, QuickTurns = 3;

    public static int Run(Options options)
    {
        string root = RepositoryRoot.Require(), output = Path.Combine(root, ".artifacts", "publish", "start");
        var variants = new Dictionary<string, string[]>();
        Publish(variants, "JIT", root, output, (folder, project) =>
        {
            Tool.Run("dotnet", "publish", project, "-c", "Release", "-v", "q", "-o", folder);
            return ["dotnet", Path.Combine(folder, Project + ".dll")];
        });
        Publish(variants, "JIT, SlabGen ReadyToRun", root, output, (folder, project) =>
        {
            Tool.Run("dotnet", "publish", project, "-c", "Release", "-v", "q", "-o", folder);
            string compiled = Path.Combine(output, "compiled");
            Tool.Run("dotnet", "publish", Path.Combine(root, "src", "SlabGen"), "-c", "Release", "-v", "q", "-r", RuntimeInformation.RuntimeIdentifier, "--self-contained", "false", "-p:PublishReadyToRun=true", "-o", compiled);
            File.Copy(Path.Combine(compiled, "SlabGen.dll"), Path.Combine(folder, "SlabGen.dll"), overwrite: true);
            return ["dotnet", Path.Combine(folder, Project + ".dll")];
        });
        Publish(variants, "NativeAOT", root, output, (folder, project) =>
        {
            string linker = new[] { "clang", "gcc" }.FirstOrDefault(Tool.IsOnPath) ?? throw new InvalidOperationException("neither clang nor gcc is there");
            Tool.Run("dotnet", "publish", project, "-c", "Release", "-v", "q", "-p:Aot=true", "-p:CppCompilerAndLinker=" + linker, "-o", folder);
            return [Path.Combine(folder, Project)];
        });

        int turns = options.Quick ? QuickTurns : Turns;
        var starts = variants.Keys.ToDictionary(name => name, _ => new List<Start>());
        for (int turn = 0; turn < turns; turn++)
        {
            foreach ((string name, string[] command) in variants)
            {
                starts[name].Add(Start.Parse(Tool.Run(command[0], [.. command[1..], "start"])));
            }
        }

        Report(options, turns, starts.ToDictionary(row => row.Key, row => Start.Median(row.Value)));
        return 0;
    }

    /// <summary>A variant that cannot be built here is named on standard error, and the others are measured.</summary>
    private static void Publish(Dictionary<string, string[]> variants, string name, string root, string output, Func<string, string, string[]> publish)
    {
        try
        {
            variants.Add(name, publish(Path.Combine(output, name.Replace(", ", "-", StringComparison.Ordinal).Replace(' ', '-')), Path.Combine(root, "tests", Project)));
        }
        catch (InvalidOperationException failure)
        {
            Console.Error.WriteLine($"{name} is absent: {failure.Message}");
        }
    }

    private static void Report(Options options, int turns, Dictionary<string, Start> starts)
    {
        var json = new JsonObject
        {
            ["start"] = new JsonObject(starts.Select(row => KeyValuePair.Create(row.Key, (JsonNode?)new JsonObject
            {
                ["methods"] = row.Value.Methods,
                ["firstMilliseconds"] = row.Value.First,
                ["secondCacheMethods"] = row.Value.MethodsOfSecond,
                ["secondCacheMilliseconds"] = row.Value.Second,
            }))),
            ["machine"] = Machine.ToJson(),
        };
        string markdown = $"""
            {Machine.Summary}, {Machine.Date}.

            The first object of a process, taken and freed, and then the first one of a second cache; medians of {turns} processes each, in turns. Milliseconds, and methods that the JIT compiled.

            {Markdown.Header("", ["first object", "methods", "second cache", "methods"])}
            {string.Join('\n', starts.Select(row => Markdown.Row(row.Key, [Markdown.Number(row.Value.First), Count(row.Value.Methods), Markdown.Number(row.Value.Second), Count(row.Value.MethodsOfSecond)])))}
            """;
        Console.WriteLine(options.Json ? json : markdown);
        if (options.Write)
        {
            ResultFiles.Write("start", markdown, json);
        }

        static string Count(int methods) => methods.ToString(CultureInfo.InvariantCulture);
    }

    private readonly record struct Start(int Methods, double First, int MethodsOfSecond, double Second)
    {
        public static Start Parse(string output)
        {
            double[] words = [.. output.Split(' ').Select(word => double.Parse(word, CultureInfo.InvariantCulture))];
            return new Start((int)words[0], words[1], (int)words[2], words[3]);
        }

        public static Start Median(List<Start> all) => new(
            all.Select(one => one.Methods).Order().ElementAt(all.Count / 2),
            all.Select(one => one.First).Order().ElementAt(all.Count / 2),
            all.Select(one => one.MethodsOfSecond).Order().ElementAt(all.Count / 2),
            all.Select(one => one.Second).Order().ElementAt(all.Count / 2));
    }
}
