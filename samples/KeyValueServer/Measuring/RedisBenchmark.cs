using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace KeyValueServer.Measuring;

/// <summary>Runs redis-benchmark, which everybody knows, if it is installed.</summary>
internal static class RedisBenchmark
{
    /// <returns>Commands per second and the longest in milliseconds, for SET and for GET; null if it is not installed.</returns>
    public static (BenchmarkResult Set, BenchmarkResult Get)? TryRun(int port, int keys, int requests)
    {
        string[] arguments =
        [
            "-p", $"{port}", "-c", $"{Load.Connections}", "-P", "16", "-d", $"{Load.ValueLength}", "-n", $"{requests}", "-r", $"{keys}", "-t", "set,get", "--csv",
        ];
        Process process;
        try
        {
            process = Process.Start(new ProcessStartInfo("redis-benchmark", arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        }
        catch (Win32Exception)
        {
            return null;
        }

        using (process)
        {
            process.ErrorDataReceived += static (_, _) => { };
            process.BeginErrorReadLine();
            string[] lines = process.StandardOutput.ReadToEnd().Split('\n');
            process.WaitForExit();
            return process.ExitCode == 0
                ? (Parse(lines, "SET"), Parse(lines, "GET"))
                : throw new SampleException($"redis-benchmark ended with exit code {process.ExitCode}", 1);
        }
    }

    // "test","rps","avg_latency_ms","min_latency_ms","p50_latency_ms","p95_latency_ms","p99_latency_ms","max_latency_ms"
    private static BenchmarkResult Parse(string[] lines, string test)
    {
        string[] fields = Array.Find(lines, line => line.StartsWith($"\"{test}\"", StringComparison.Ordinal))?.Split(',') ?? [];
        return fields.Length >= 8
            ? new BenchmarkResult(Number(fields[1]), (long)(Number(fields[7]) * 1e6))
            : throw new SampleException($"redis-benchmark wrote no line for {test}", 1);
    }

    private static double Number(string field) => double.Parse(field.Trim('"', '\r'), CultureInfo.InvariantCulture);
}

internal readonly record struct BenchmarkResult(double PerSecond, long Longest);
