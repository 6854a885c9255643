using System.Buffers.Binary;
using System.IO.Compression;

namespace SlabGen.TraceReplay.Tests;

/// <summary>A trace that a test writes, record by record, into a file that goes with it.</summary>
internal sealed class TraceFile : IDisposable
{
    private readonly MemoryStream _records = new();

    public string Path { get; } = System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"{Guid.NewGuid():N}.trace.gz");

    public string Name => System.IO.Path.GetFileName(Path);

    public TraceFile Alloc(int thread, uint id, ulong size) => Record((byte)'a', thread, id, size);

    public TraceFile Free(int thread, uint id) => Record((byte)'f', thread, id, 0);

    public TraceFile Record(byte operation, int thread, uint id, ulong size, ushort reserved = 0)
    {
        Span<byte> record = stackalloc byte[16];
        record[0] = operation;
        record[1] = (byte)thread;
        BinaryPrimitives.WriteUInt16LittleEndian(record[2..], reserved);
        BinaryPrimitives.WriteUInt32LittleEndian(record[4..], id);
        BinaryPrimitives.WriteUInt64LittleEndian(record[8..], size);
        return Bytes(record);
    }

    public TraceFile Bytes(ReadOnlySpan<byte> bytes)
    {
        _records.Write(bytes);
        return this;
    }

    /// <summary>The file's content: what was recorded, packed.</summary>
    public byte[] Pack()
    {
        using var packed = new MemoryStream();

        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            _records.WriteTo(gzip);
        }

        return packed.ToArray();
    }

    /// <summary>Writes the file.</summary>
    public TraceFile Save() => Save(Pack());

    /// <summary>Writes a file with this content instead.</summary>
    public TraceFile Save(byte[] content)
    {
        File.WriteAllBytes(Path, content);
        return this;
    }

    public void Dispose() => File.Delete(Path);
}
