using System.Globalization;

namespace SlabGen.Tests.Hardening;

/// <summary>What of the address space can be accessed now, as Linux tells.</summary>
internal sealed class Mappings
{
    private readonly List<(ulong Start, ulong End)> _accessible = [];

    private Mappings()
    {
        foreach (string line in File.ReadLines("/proc/self/maps"))
        {
            string[] parts = line.Split(' ', '-');
            if (parts[2].AsSpan().ContainsAny('r', 'w'))
            {
                _accessible.Add((Hex(parts[0]), Hex(parts[1])));
            }
        }
    }

    public static Mappings Now()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "reads the mappings of the process from /proc");
        return new Mappings();
    }

    /// <summary>Whether any of a range can be read or written.</summary>
    public bool IsAccessible(nint start, long bytes) =>
        _accessible.Exists(range => range.Start < (ulong)start + (ulong)bytes && range.End > (ulong)start);

    private static ulong Hex(string text) => ulong.Parse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
