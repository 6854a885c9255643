using System.Text;

namespace SlabGen.Collections;

/// <summary>Exceptions about keys of bytes.</summary>
internal static class Throw
{
    private const int ShownBytes = 64;

    public static KeyNotFoundException NoKey(ReadOnlySpan<byte> key) => new($"The key {Text(key)} is not in the map.");

    public static ArgumentException HasKey(ReadOnlySpan<byte> key) =>
        new($"The key {Text(key)} is in the map already.", nameof(key));

    private static string Text(ReadOnlySpan<byte> key) =>
        $"'{Encoding.Latin1.GetString(key[..Math.Min(key.Length, ShownBytes)])}' of {key.Length} bytes";
}
