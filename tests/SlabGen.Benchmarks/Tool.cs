using System.Diagnostics;

namespace SlabGen.Benchmarks;

/// <summary>Runs other programs: compilers, what they made, and what reads that.</summary>
internal static class Tool
{
    public static bool IsOnPath(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, program)));

    /// <returns>What it wrote to its standard output.</returns>
    /// <exception cref="InvalidOperationException">The tool failed; with all that it said.</exception>
    public static string Run(string name, params string[] arguments)
    {
        var start = new ProcessStartInfo(name, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0
            ? output
            : throw new InvalidOperationException($"'{name} {string.Join(' ', arguments)}' ended with exit code {process.ExitCode}.\n{output}\n{error.GetAwaiter().GetResult()}");
    }
}
