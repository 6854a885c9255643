using System.Diagnostics;
using System.Reflection;

namespace SlabGen.Benchmarks.Tests;

/// <summary>The benchmarks as a user runs them.</summary>
internal static class BenchmarkProgram
{
    private static readonly string s_program =
        typeof(BenchmarkProgram).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().First(metadata => metadata.Key == "Benchmarks").Value!;

    public static (int ExitCode, string Output, string Error) Run(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", ["exec", s_program, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error.GetAwaiter().GetResult());
    }
}
