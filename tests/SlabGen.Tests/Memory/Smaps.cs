using System.Globalization;

namespace SlabGen.Tests.Memory;

/// <summary>What Linux says of a mapping in <c>/proc/self/smaps</c>.</summary>
internal static class Smaps
{
    /// <summary>The flags of the mapping that holds an address: <c>lo</c> locked, <c>hg</c> advised, <c>ht</c> of the pool.</summary>
    public static string[] Flags(nint address) => Field(address, "VmFlags:");

    /// <summary>A figure of the mapping that holds an address, in KiB.</summary>
    public static int KiB(nint address, string name) => int.Parse(Field(address, name)[0], CultureInfo.InvariantCulture);

    /// <summary>The words of a line of the mapping that holds an address; skips where there is none.</summary>
    private static string[] Field(nint address, string name)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "only Linux describes its mappings");
        bool inside = false;
        foreach (string line in File.ReadLines("/proc/self/smaps"))
        {
            string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            string[] ends = words[0].Split('-');
            if (ends.Length == 2 && Hex(ends[0]) is { } start && Hex(ends[1]) is { } end)
            {
                inside = start <= (ulong)address && (ulong)address < end;
            }
            else if (inside && words[0] == name)
            {
                return words[1..];
            }
        }

        Assert.Skip($"this system shows no {name} of mappings");
        return [];
    }

    private static ulong? Hex(string text) =>
        ulong.TryParse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out ulong value) ? value : null;
}
