using System.Text.Json;

namespace SlabGen.TraceReplay.Tests;

/// <summary>A sound trace is replayed and verified, and the figures are there.</summary>
public class ReplayVerifies
{
    private static readonly string[] s_fields =
    [
        "allocator", "operations", "threads", "nanosecondsPerOperation", "peakLiveBytes", "peakCommittedBytes", "overheadPercent",
        "verified", "committedBytesAfterShrink",
    ];

    [Theory]
    [InlineData("slabgen")]
    [InlineData("malloc")]
    public async Task The_trace_of_the_sample(string allocator)
    {
        JsonElement json = (await ReplayProgram.RunAsync("--json", "--allocator", allocator)).SingleJsonLine();

        Assert.Equal(s_fields, json.EnumerateObject().Select(field => field.Name));
        Assert.Equal(allocator, json.GetProperty("allocator").GetString());
        Assert.True(json.GetProperty("verified").GetBoolean());
        Assert.Equal(188_798, json.GetProperty("operations").GetInt32());
        Assert.Equal(1, json.GetProperty("threads").GetInt32());
        Assert.Equal(4_903_043, json.GetProperty("peakLiveBytes").GetInt64());
        Assert.InRange(json.GetProperty("nanosecondsPerOperation").GetDouble(), 0.1, 100_000);

        long committed = json.GetProperty("peakCommittedBytes").GetInt64();
        double overhead = 100.0 * (committed - 4_903_043) / 4_903_043;
        Assert.Equal(overhead, json.GetProperty("overheadPercent").GetDouble(), tolerance: 0.001);

        if (allocator == "slabgen" || OperatingSystem.IsLinux())
        {
            // Every byte of every object was written, so the peak is not under the live bytes; the bound above is generous.
            Assert.InRange(committed, 4_903_043, 4 * 4_903_043);
            Assert.InRange(json.GetProperty("committedBytesAfterShrink").GetInt64(), 0, committed);
        }
    }

    [Fact]
    public async Task The_trace_of_the_sample_for_a_reader()
    {
        ReplayResult result = await ReplayProgram.RunAsync();

        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.Matches(@"verified +yes", result.Output);
        Assert.Matches(@"peak live +4,903,043 bytes", result.Output);
    }

    [Theory]
    [InlineData("slabgen")]
    [InlineData("malloc")]
    public async Task Objects_that_another_thread_frees(string allocator)
    {
        using var trace = new TraceFile();
        var random = new Random(20);
        var live = new List<(uint Id, ulong Size)>();
        ulong liveBytes = 0;
        ulong peak = 0;
        uint id = 0;
        int operations = 0;

        // Four threads; three of four objects are freed by another thread than the one that allocated them; some never.
        for (; operations < 40_000; operations++)
        {
            int thread = random.Next(4);

            if (live.Count == 0 || (live.Count < 2000 && random.Next(2) == 0))
            {
                ulong size = random.Next(20) == 0 ? (ulong)random.Next(0, 40_000) : (ulong)random.Next(0, 300);
                trace.Alloc(thread, ++id, size);
                live.Add((id, size));
                liveBytes += size;
                peak = Math.Max(peak, liveBytes);
            }
            else
            {
                int index = random.Next(live.Count);
                trace.Free(thread, live[index].Id);
                liveBytes -= live[index].Size;
                live[index] = live[^1];
                live.RemoveAt(live.Count - 1);
            }
        }

        JsonElement json = (await ReplayProgram.RunAsync(trace.Save().Path, "--json", "--allocator", allocator)).SingleJsonLine();

        Assert.True(json.GetProperty("verified").GetBoolean());
        Assert.Equal(4, json.GetProperty("threads").GetInt32());
        Assert.Equal(operations, json.GetProperty("operations").GetInt32());
        Assert.Equal((long)peak, json.GetProperty("peakLiveBytes").GetInt64());
    }

    [Theory]
    [InlineData("slabgen")]
    [InlineData("malloc")]
    public async Task Objects_of_no_bytes_and_ids_left_out(string allocator)
    {
        using var trace = new TraceFile();
        trace.Alloc(0, 1, 0).Alloc(0, 2, 0).Free(0, 1).Alloc(0, 7, 0).Free(0, 7).Save();

        JsonElement json = (await ReplayProgram.RunAsync(trace.Path, "--json", "--allocator", allocator)).SingleJsonLine();

        Assert.True(json.GetProperty("verified").GetBoolean());
        Assert.Equal(0, json.GetProperty("peakLiveBytes").GetInt64());
        Assert.Equal(0, json.GetProperty("overheadPercent").GetDouble());
    }

    [Theory]
    [InlineData("jq", 1, 19_244_254)]
    [InlineData("git-repack", 3, 32_232_869)]
    public async Task The_shared_traces(string name, int threads, long peakLive)
    {
        string? file = FindShared($"{name}.trace.gz");
        Assert.SkipUnless(file is not null, $"shared/traces/{name}.trace.gz is not beside this repository");

        JsonElement json = (await ReplayProgram.RunAsync(file!, "--json")).SingleJsonLine();

        Assert.True(json.GetProperty("verified").GetBoolean());
        Assert.Equal(threads, json.GetProperty("threads").GetInt32());
        Assert.Equal(peakLive, json.GetProperty("peakLiveBytes").GetInt64());
    }

    /// <summary>A trace in the folder beside the repository, which is where the solution is.</summary>
    private static string? FindShared(string name)
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "SlabGen.sln")))
            {
                string file = Path.Combine(folder.FullName, "..", "shared", "traces", name);
                return File.Exists(file) ? file : null;
            }
        }

        return null;
    }
}
