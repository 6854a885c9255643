using System.Runtime.InteropServices;

namespace KeyValueServer;

/// <summary>
/// The hash of a key: Marvin, which .NET uses for strings. It has a random seed of the process, so that nobody can send keys
/// that all fall into one bucket.
/// </summary>
internal static class KeyHash
{
    public static uint Of(ReadOnlySpan<byte> key)
    {
        int hash = string.GetHashCode(MemoryMarshal.Cast<byte, char>(key));

        // An odd length leaves a byte.
        return (key.Length & 1) == 0 ? (uint)hash : ((uint)hash ^ (key[^1] + 1u)) * 0x9E3779B1;
    }
}
