using System.Diagnostics;

namespace SlabGen.Tests.Concurrency;

/// <summary>Slow paths beside one another, in orders that Coyote chooses: <c>tests/SlabGen.Coyote</c>.</summary>
public sealed class CoyoteTests
{
    /// <summary>It needs a tool and packages that the other tests do without, so it runs where the tool is named.</summary>
    [Fact]
    public async Task No_order_of_the_slow_paths_breaks_anything()
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable("SLABGEN_COYOTE") is { Length: > 0 },
            "SLABGEN_COYOTE must name the program of Microsoft.Coyote.CLI 1.7.11: see tests/README.md.");
        string seconds = Environment.GetEnvironmentVariable("SLABGEN_COYOTE_SECONDS") ?? "30";
        string project = Path.Combine(RepositoryRoot.Path, "tests", "SlabGen.Coyote");
        var start = new ProcessStartInfo("dotnet", ["run", "--project", project, "--", seconds]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        Task<string> error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        string all = await output + Environment.NewLine + await error;
        TestContext.Current.SendDiagnosticMessage("{0}", all);
        Assert.True(process.ExitCode == 0, all);
    }
}
