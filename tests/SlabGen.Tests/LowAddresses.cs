using System.Runtime.CompilerServices;
using SlabGen.Memory;

namespace SlabGen.Tests;

/// <summary>
/// The addresses below 4 GiB are one thing in a process, and each runtime that wants some takes half of what is free. So the tests that
/// need them are of one collection, which runs one at a time.
/// </summary>
internal static class LowAddresses
{
    public const string Collection = "Low addresses";

    private const long Piece = 64 << 20;

    /// <summary>The runtime of generated caches never gives its addresses back: it gets those below 1 GiB, and the tests the rest.</summary>
    /// <remarks>Where the system does not give such addresses out, nothing happens, nor where this assembly is a plugin's once more: while the tests run.</remarks>
    [ModuleInitializer]
    internal static void LeaveSomeToTheTests()
    {
        if (!OperatingSystem.IsLinux() || !Environment.Is64BitProcess || ChildProcess.IsChild || typeof(LowAddresses).IsCollectible)
        {
            return;
        }

        List<nint> kept = [];
        for (long address = 1L << 30; address < 1L << 32; address += Piece)
        {
            if (OsMemory.Current.TryReserveAt((nint)address, Piece))
            {
                kept.Add((nint)address);
            }
        }

        SlabRuntime.Default.CreateCache("low", 8, new SlabCacheOptions { Zone = ZoneKind.Dma32, Fallback = ZoneFallback.Strict }).Destroy();
        kept.ForEach(address => OsMemory.Current.Unmap(address, Piece));
    }
}
