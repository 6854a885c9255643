using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace SlabGen.Tests.Diagnostics;

/// <summary>
/// Tools that nobody here wrote, started for real on this process: <c>dotnet-counters</c> and <c>dotnet-trace</c>. They are no part of the SDK, so
/// an environment variable says in which folder they are (<c>dotnet tool install --tool-path</c>).
/// </summary>
[Collection("Alone")]
public sealed class ToolsTests
{
    private const string Variable = "SLABGEN_TEST_TOOLS";

    [Fact]
    public void The_counters_of_dotnet_counters_are_the_meters()
    {
        string counters = Tool("dotnet-counters");
        using SlabRuntime runtime = Named("tool-counters");
        KmemCache cache = runtime.CreateCache("tool-orders", 100);
        cache.AllocBulk(new nint[40]);
        string file = Path.GetTempFileName();
        try
        {
            RunTool(counters, () => { }, "collect", "--counters", "SlabGen", "--format", "json", "--refresh-interval", "1", "--duration", "00:00:06", "-o", file);
            using JsonDocument collected = JsonDocument.Parse(File.ReadAllText(File.Exists(file + ".json") ? file + ".json" : file));
            JsonElement[] live = [.. collected.RootElement.GetProperty("Events").EnumerateArray()
                .Where(one => one.GetProperty("name").GetString()!.StartsWith("slabgen.cache.objects", StringComparison.Ordinal)
                    && one.GetProperty("tags").GetString()!.Contains("tool-orders", StringComparison.Ordinal)
                    && one.GetProperty("tags").GetString()!.Contains("live", StringComparison.Ordinal))];
            Assert.NotEmpty(live);
            Assert.All(live, one => Assert.Equal(40, one.GetProperty("value").GetDouble()));
        }
        finally
        {
            File.Delete(file);
            File.Delete(file + ".json");
        }

        cache.Reset();
    }

    [Fact]
    public void A_trace_of_dotnet_trace_has_the_events_and_their_payloads()
    {
        string trace = Tool("dotnet-trace");
        using SlabRuntime runtime = Named("tool-trace");
        KmemCache cache = runtime.CreateCache("tool-orders", 100);
        cache.Free(cache.Alloc());
        string file = Path.GetTempFileName() + ".nettrace";
        try
        {
            RunTool(trace, () =>
            {
                cache.Free(cache.Alloc());
                cache.Shrink();
            }, "collect", "--providers", "SlabGen:0xffff:5", "--duration", "00:00:06", "-o", file);
            byte[] bytes = File.ReadAllBytes(file);
            foreach (string word in new[] { "SlabGen", "SlabMade", "SlabDiscarded", "tool-orders", "tool-trace" })
            {
                Assert.True(bytes.AsSpan().IndexOf(Encoding.Unicode.GetBytes(word)) >= 0, word);
            }
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static string Tool(string name)
    {
        string? folder = Environment.GetEnvironmentVariable(Variable);
        Assert.SkipUnless(!string.IsNullOrEmpty(folder), $"{name} is not part of the SDK: {Variable} names the folder that it was installed into.");
        string path = Path.Combine(folder!, name);
        Assert.True(File.Exists(path), path);
        return path;
    }

    /// <summary>Runs a tool on this process, and something again and again while it runs.</summary>
    private static void RunTool(string tool, Action meanwhile, params string[] arguments)
    {
        var start = new ProcessStartInfo(tool, [.. arguments, "-p", Environment.ProcessId.ToString(CultureInfo.InvariantCulture)])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(), errors = process.StandardError.ReadToEndAsync();
        while (!process.WaitForExit(50))
        {
            meanwhile();
        }

        Assert.True(process.ExitCode == 0, output.GetAwaiter().GetResult() + errors.GetAwaiter().GetResult());
    }

    private static SlabRuntime Named(string name) => new(new SlabRuntimeOptions
    {
        Name = name,
        MemoryLimit = 64 << 20,
        ReapInterval = Timeout.InfiniteTimeSpan,
        Pressure = TestRuntime.NoPressure,
    });
}
