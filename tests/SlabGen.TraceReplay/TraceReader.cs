using System.Buffers.Binary;
using System.IO.Compression;

namespace SlabGen.TraceReplay;

/// <summary>
/// Reads a trace: gzip of fixed 16-byte little-endian records without a header.
/// Byte 0 is <c>a</c> (allocate) or <c>f</c> (free), byte 1 the thread (0-based, no number left out), bytes 2 and 3 are zero,
/// 4 to 7 the object's id (1-based, increasing, new for every allocation), 8 to 15 its size (zero for a free).
/// </summary>
internal sealed class TraceReader
{
    private const int RecordSize = 16;

    /// <summary>More than a 64-bit process can address: such a size is a damaged record, not a large object.</summary>
    private const long MaxLiveBytes = 1L << 47;

    private readonly string _name;
    private readonly List<TraceRecord> _records = [];

    // By object, in the order of allocation: the id (increasing, hence searchable), the size, and whether it is freed.
    private readonly List<uint> _ids = [];
    private readonly List<long> _sizes = [];
    private readonly List<bool> _freed = [];

    // By thread: the index of its first record, or -1.
    private readonly int[] _firstRecord = new int[byte.MaxValue + 1];

    private long _liveBytes;
    private long _peakLiveBytes;
    private int _peakRecord;

    private TraceReader(string name)
    {
        _name = name;
        _firstRecord.AsSpan().Fill(-1);
    }

    /// <summary>Reads and checks the whole file.</summary>
    /// <exception cref="ReplayException">The file cannot be read, is no gzip file, ends early, or a record makes no sense.</exception>
    public static Trace Read(string file)
    {
        var reader = new TraceReader(Path.GetFileName(file) is { Length: > 0 } name ? name : file);

        try
        {
            using FileStream stream = File.OpenRead(file);
            reader.CheckIsGzip(stream);
            using var unpacked = new GZipStream(stream, CompressionMode.Decompress);
            reader.ReadRecords(unpacked);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new ReplayException(ExitCode.BadInput, $"{file}: there is no such file");
        }
        catch (InvalidDataException exception)
        {
            throw reader.BadRecord($"the gzip data is damaged or ends early ({exception.Message.TrimEnd('.')})");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ReplayException(ExitCode.BadInput, $"{file}: cannot be read: {exception.Message}");
        }

        return reader.ToTrace();
    }

    private void CheckIsGzip(FileStream stream)
    {
        Span<byte> magic = stackalloc byte[2];

        if (stream.ReadAtLeast(magic, magic.Length, throwOnEndOfStream: false) == 0)
        {
            throw new ReplayException(ExitCode.BadInput, $"{_name}: record 1: the file is empty; a trace is a gzip file of 16-byte records");
        }

        if (!magic.SequenceEqual<byte>([0x1F, 0x8B]))
        {
            throw new ReplayException(ExitCode.BadInput, $"{_name}: record 1: not a gzip file; a trace is a gzip file of 16-byte records");
        }

        stream.Position = 0;
    }

    private void ReadRecords(GZipStream stream)
    {
        Span<byte> buffer = new byte[RecordSize * 4096];

        for (int count = buffer.Length; count == buffer.Length;)
        {
            count = stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
            Span<byte> rest = buffer[..count];

            for (; rest.Length >= RecordSize; rest = rest[RecordSize..])
            {
                Add(rest[..RecordSize]);
            }

            if (!rest.IsEmpty)
            {
                throw BadRecord($"it is cut short: {rest.Length} bytes of {RecordSize}");
            }
        }
    }

    private void Add(ReadOnlySpan<byte> record)
    {
        byte operation = record[0];
        byte thread = record[1];
        ushort reserved = BinaryPrimitives.ReadUInt16LittleEndian(record[2..]);
        uint id = BinaryPrimitives.ReadUInt32LittleEndian(record[4..]);
        ulong size = BinaryPrimitives.ReadUInt64LittleEndian(record[8..]);

        if (operation is not ((byte)'a' or (byte)'f'))
        {
            throw BadRecord($"unknown operation 0x{operation:x2}; 'a' (0x61) or 'f' (0x66) expected");
        }

        if (reserved != 0)
        {
            throw BadRecord($"bytes 2 and 3 are 0x{reserved:x4}; they are reserved and must be zero");
        }

        if (_firstRecord[thread] < 0)
        {
            _firstRecord[thread] = _records.Count;
        }

        _records.Add(operation == (byte)'a' ? Allocation(thread, id, size) : Free(thread, id, size));
    }

    private TraceRecord Allocation(byte thread, uint id, ulong size)
    {
        uint last = _ids.Count == 0 ? 0 : _ids[^1];

        if (id <= last)
        {
            throw BadRecord(
                id == 0 ? "allocates object 0; ids start at 1"
                : Find(id) >= 0 ? $"allocates object {id} a second time; every allocation has a new id"
                : $"allocates object {id} after object {last}; ids increase");
        }

        if (size > (ulong)(MaxLiveBytes - _liveBytes))
        {
            throw BadRecord($"object {id} of {size} bytes, with {_liveBytes} bytes live, is more than a process can address");
        }

        _ids.Add(id);
        _sizes.Add((long)size);
        _freed.Add(false);
        _liveBytes += (long)size;

        if (_liveBytes > _peakLiveBytes)
        {
            _peakLiveBytes = _liveBytes;
            _peakRecord = _records.Count;
        }

        return new TraceRecord(_ids.Count - 1, thread, Frees: false, (long)size);
    }

    private TraceRecord Free(byte thread, uint id, ulong size)
    {
        int index = Find(id);

        if (index < 0)
        {
            throw BadRecord($"frees object {id}, which was not allocated before");
        }

        if (_freed[index])
        {
            throw BadRecord($"frees object {id}, which is already freed");
        }

        if (size != 0)
        {
            throw BadRecord($"frees object {id} with a size of {size}; the size of a free must be zero");
        }

        _freed[index] = true;
        _liveBytes -= _sizes[index];
        return new TraceRecord(index, thread, Frees: true, _sizes[index]);
    }

    /// <summary>The object with an id, or a negative number. Recorders leave no id out, so the first guess is nearly always right.</summary>
    private int Find(uint id)
    {
        long guess = (long)id - 1;
        return guess >= 0 && guess < _ids.Count && _ids[(int)guess] == id ? (int)guess : _ids.BinarySearch(id);
    }

    private Trace ToTrace()
    {
        if (_records.Count == 0)
        {
            throw BadRecord("the file holds no record");
        }

        int threads = Array.FindLastIndex(_firstRecord, first => first >= 0) + 1;
        int missing = Array.FindIndex(_firstRecord, 0, threads, first => first < 0);

        if (missing >= 0)
        {
            int after = Array.FindIndex(_firstRecord, missing, first => first >= 0);
            throw BadRecord($"unknown thread {after}; threads are numbered from 0 and no record names thread {missing}", _firstRecord[after]);
        }

        return new Trace
        {
            Name = _name,
            Records = [.. _records],
            ObjectCount = _ids.Count,
            ThreadCount = threads,
            PeakLiveBytes = _peakLiveBytes,
            PeakRecord = _peakRecord,
        };
    }

    private ReplayException BadRecord(string problem) => BadRecord(problem, _records.Count);

    private ReplayException BadRecord(string problem, int index) =>
        new(ExitCode.BadInput, $"{_name}: record {index + 1}: {problem}");
}
