using System.Runtime.InteropServices;

namespace SlabGen.Samples;

/// <summary>Where and when something was measured.</summary>
internal static class Machine
{
    public static string Describe()
    {
        const string CpuInfo = "/proc/cpuinfo";
        string? model = File.Exists(CpuInfo)
            ? File.ReadLines(CpuInfo)
                .FirstOrDefault(static line => line.StartsWith("model name", StringComparison.Ordinal))?
                .Split(':', 2)[1].Trim()
            : null;
        string processor = model ?? RuntimeInformation.ProcessArchitecture.ToString();
        return $"{DateTime.UtcNow:yyyy-MM-dd}, {processor}, {Environment.ProcessorCount} processors, "
            + $"{RuntimeInformation.OSDescription}, {RuntimeInformation.FrameworkDescription}";
    }
}
