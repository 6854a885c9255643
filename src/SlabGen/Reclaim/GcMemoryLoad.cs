using System.Globalization;
using SlabGen.Memory;

namespace SlabGen.Reclaim;

/// <summary>
/// The memory load as the garbage collector sees it. Memory is short above nine tenths of what the collector calls
/// high, which is when <c>ArrayPool</c> trims. If no collection has looked since the last call, Linux is asked how much
/// is available.
/// </summary>
internal sealed class GcMemoryLoad : PressureSource
{
    private long _lastCollection = -1;

    public override string Name => "GC memory load";

    public override bool IsShort()
    {
        GCMemoryInfo info = GC.GetGCMemoryInfo(GCKind.Any);
        long threshold = info.HighMemoryLoadThresholdBytes;
        if (info.Index != _lastCollection)
        {
            _lastCollection = info.Index;
            return IsHigh(info.MemoryLoadBytes, threshold);
        }

        // The threshold belongs to the machine's memory or to the container's. The available memory is the machine's.
        return Available(SystemFile.Read("/proc/meminfo")) is (long total, long available)
            && total <= MachineMemory.Bytes && IsHigh(total - available, threshold);
    }

    internal static bool IsHigh(long load, long threshold) => threshold > 0 && load >= threshold / 10 * 9;

    /// <summary>The bytes of <c>MemTotal</c> and <c>MemAvailable</c>.</summary>
    internal static (long Total, long Available)? Available(string? meminfo)
    {
        long? total = Field("MemTotal:"), available = Field("MemAvailable:");
        return total is { } t && available is { } a ? (t, a) : null;

        long? Field(string name)
        {
            foreach (ReadOnlySpan<char> line in meminfo.AsSpan().EnumerateLines())
            {
                if (line.StartsWith(name, StringComparison.Ordinal)
                    && long.TryParse(line[name.Length..].Trim().TrimEnd(" kB"), NumberStyles.None,
                        CultureInfo.InvariantCulture, out long kilobytes))
                {
                    return kilobytes * 1024;
                }
            }

            return null;
        }
    }
}
