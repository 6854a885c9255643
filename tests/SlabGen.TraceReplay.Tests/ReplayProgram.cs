using System.Diagnostics;
using System.Text.Json;

namespace SlabGen.TraceReplay.Tests;

/// <summary>Runs the program as its users do: as a process.</summary>
internal static class ReplayProgram
{
    private static string Program => Path.Combine(AppContext.BaseDirectory, "SlabGen.TraceReplay.dll");

    public static async Task<ReplayResult> RunAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", ["exec", Program, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };

        using Process process = Process.Start(start)!;
        using CancellationTokenSource timeout = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        timeout.CancelAfter(TimeSpan.FromMinutes(10));

        try
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync(timeout.Token);
            Task<string> error = process.StandardError.ReadToEndAsync(timeout.Token);
            await process.WaitForExitAsync(timeout.Token);
            return new ReplayResult(process.ExitCode, await output, await error);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }
}

/// <summary>What a run left behind.</summary>
internal sealed record ReplayResult(int ExitCode, string Output, string Error)
{
    /// <summary>The error is one line, whole.</summary>
    public string SingleErrorLine()
    {
        Assert.EndsWith("\n", Error, StringComparison.Ordinal);
        return Assert.Single(Error.TrimEnd('\n').Split('\n'));
    }

    /// <summary>The output is one JSON object on one line.</summary>
    public JsonElement SingleJsonLine()
    {
        Assert.Equal("", Error);
        string line = Assert.Single(Output.TrimEnd('\n').Split('\n'));
        return JsonDocument.Parse(line).RootElement;
    }
}
