using System.Buffers.Binary;
using SlabGen.Benchmarks.Memory;
using SlabGen.Collections;

namespace SlabGen.Benchmarks.Collections;

/// <summary>What entries of bytes take: keys of 20 and values of 100.</summary>
internal static class ByteMapRun
{
    public const int KeyBytes = 20, ValueBytes = 100;

    /// <summary>Resident bytes per entry.</summary>
    public static double Slab(int entries)
    {
        TableRun.GiveBack();
        long before = ResidentMemory.Read().Total;
        using var map = new SlabByteMap();
        Span<byte> key = stackalloc byte[KeyBytes], value = stackalloc byte[ValueBytes];
        key.Fill((byte)'k');
        value.Fill((byte)'v');
        for (int i = 0; i < entries; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(key, i);
            map.Set(key, value);
        }

        TableRun.GiveBack();
        return (double)(ResidentMemory.Read().Total - before) / entries;
    }

    /// <summary>The same with an array for each value, under a key of text.</summary>
    public static double Bcl(int entries)
    {
        TableRun.GiveBack();
        long before = ResidentMemory.Read().Total;
        var map = new Dictionary<string, byte[]>();
        for (int i = 0; i < entries; i++)
        {
            map[$"{i:d20}"] = GC.AllocateUninitializedArray<byte>(ValueBytes);
        }

        TableRun.GiveBack();
        double bytes = (double)(ResidentMemory.Read().Total - before) / entries;
        GC.KeepAlive(map);
        return bytes;
    }
}
