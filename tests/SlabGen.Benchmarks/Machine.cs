using System.Runtime.InteropServices;
using System.Text.Json.Nodes;

namespace SlabGen.Benchmarks;

/// <summary>What the figures were measured on.</summary>
internal static class Machine
{
    public static string Processor { get; } = ReadProcessor();

    public static string Summary =>
        $"{Processor}, {Environment.ProcessorCount} processors, {RuntimeInformation.OSDescription}, {RuntimeInformation.FrameworkDescription}";

    /// <summary>Today.</summary>
    public static string Date => DateTime.UtcNow.ToString("yyyy-MM-dd");

    public static JsonObject ToJson() => new()
    {
        ["processor"] = Processor,
        ["processors"] = Environment.ProcessorCount,
        ["memoryBytes"] = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes,
        ["system"] = RuntimeInformation.OSDescription,
        ["architecture"] = RuntimeInformation.ProcessArchitecture.ToString(),
        ["runtime"] = RuntimeInformation.FrameworkDescription,
        ["date"] = Date,
    };

    private static string ReadProcessor()
    {
        const string File = "/proc/cpuinfo";
        string? line = System.IO.File.Exists(File) ? System.IO.File.ReadLines(File).FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal)) : null;
        return line?[(line.IndexOf(':') + 1)..].Trim() ?? RuntimeInformation.ProcessArchitecture.ToString();
    }
}
