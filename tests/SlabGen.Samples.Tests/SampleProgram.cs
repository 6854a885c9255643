using System.Diagnostics;

namespace SlabGen.Samples.Tests;

/// <summary>Runs a sample as its users do: as a process.</summary>
internal sealed class SampleProgram(string name)
{
    private string Assembly => Path.Combine(AppContext.BaseDirectory, $"{name}.dll");

    public string RuntimeConfig => Path.ChangeExtension(Assembly, ".runtimeconfig.json");

    public Task<ProgramResult> RunAsync(params string[] arguments) => ExecuteAsync(["exec", Assembly, .. arguments]);

    /// <summary>Runs it unchecked, as a release build does: what checked mode remembers is garbage.</summary>
    public Task<ProgramResult> RunUncheckedAsync(params string[] arguments) =>
        ExecuteAsync(["exec", Assembly, .. arguments], ("SLABGEN_DEBUG", "off"));

    /// <summary>Runs it with another <c>runtimeconfig.json</c>.</summary>
    public Task<ProgramResult> RunWithConfigAsync(string runtimeConfig, params string[] arguments) =>
        ExecuteAsync(["exec", "--runtimeconfig", runtimeConfig, Assembly, .. arguments]);

    private static async Task<ProgramResult> ExecuteAsync(string[] arguments, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo("dotnet", arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        using Process process = Process.Start(start)!;
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        timeout.CancelAfter(TimeSpan.FromMinutes(10));
        try
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync(timeout.Token);
            Task<string> error = process.StandardError.ReadToEndAsync(timeout.Token);
            await process.WaitForExitAsync(timeout.Token);
            return new ProgramResult(process.ExitCode, await output, await error);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }
}

/// <summary>What a run left behind.</summary>
internal sealed record ProgramResult(int ExitCode, string Output, string Error)
{
    /// <summary>The error is one line, whole.</summary>
    public string SingleErrorLine()
    {
        Assert.EndsWith("\n", Error, StringComparison.Ordinal);
        return Assert.Single(Error.TrimEnd('\n').Split('\n'));
    }
}
