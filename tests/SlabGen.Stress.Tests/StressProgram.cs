using System.Diagnostics;
using System.Reflection;

namespace SlabGen.Stress.Tests;

/// <summary>The stress as a process: one that dies shows as what it is.</summary>
internal static class StressProgram
{
    private static readonly string s_program =
        typeof(StressProgram).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().First(metadata => metadata.Key == "Stress").Value!;

    /// <param name="variables">Environment variables, each as <c>NAME=value</c>.</param>
    /// <param name="patience">How long it may take.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <returns>The exit code, and the last lines of both outputs.</returns>
    public static async Task<(int ExitCode, string Tail)> RunAsync(string[] variables, TimeSpan patience, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", ["exec", s_program, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string variable in variables)
        {
            string[] parts = variable.Split('=');
            start.Environment[parts[0]] = parts[1];
        }

        using Process process = Process.Start(start)!;
        using CancellationTokenSource timeout = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        timeout.CancelAfter(patience);
        try
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync(CancellationToken.None), error = process.StandardError.ReadToEndAsync(CancellationToken.None);
            await process.WaitForExitAsync(timeout.Token);
            return (process.ExitCode, Tail(await output) + Environment.NewLine + Tail(await error));
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }

    private static string Tail(string text) => string.Join(Environment.NewLine, text.TrimEnd().Split('\n').TakeLast(80));
}
