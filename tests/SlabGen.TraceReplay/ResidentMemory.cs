using System.Buffers.Text;
using Microsoft.Win32.SafeHandles;

namespace SlabGen.TraceReplay;

/// <summary>
/// The anonymous resident memory of this process, and its growth since <see cref="Start"/>.
/// It comes from <c>/proc/self/smaps_rollup</c>, for which the kernel walks the page tables: exact to the page, where the
/// resident set in <c>/proc/self/status</c> is off by up to 64 pages per processor since Linux 6.2. Anonymous memory leaves out
/// program files that are paged in meanwhile. Reading allocates nothing, neither with malloc nor on the GC heap.
/// </summary>
internal sealed class ResidentMemory : IDisposable
{
    private const string File = "/proc/self/smaps_rollup";

    private readonly byte[] _buffer = GC.AllocateArray<byte>(4096, pinned: true);
    private readonly SafeFileHandle? _file;
    private long _start;
    private long _peak;

    private ResidentMemory(SafeFileHandle? file) => _file = file;

    /// <summary>Whether this system tells; otherwise every figure is 0.</summary>
    public bool IsSupported => _file is not null;

    /// <summary>The growth since <see cref="Start"/>, in bytes.</summary>
    public long Growth => Math.Max(0, Read() - _start);

    /// <summary>The largest growth that a sample saw, in bytes.</summary>
    public long PeakGrowth => Math.Max(0, _peak - _start);

    public static ResidentMemory Open()
    {
        try
        {
            return new ResidentMemory(OperatingSystem.IsLinux() ? System.IO.File.OpenHandle(File) : null);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return new ResidentMemory(null);
        }
    }

    public void Start()
    {
        _start = Read();
        _peak = _start;
    }

    /// <summary>One thread at a time.</summary>
    public void Sample() => _peak = Math.Max(_peak, Read());

    public void Dispose() => _file?.Dispose();

    private long Read()
    {
        if (_file is null)
        {
            return 0;
        }

        ReadOnlySpan<byte> text = _buffer.AsSpan(0, RandomAccess.Read(_file, _buffer, fileOffset: 0));
        ReadOnlySpan<byte> label = "\nAnonymous:"u8;
        ReadOnlySpan<byte> value = text[(text.IndexOf(label) + label.Length)..].TrimStart((byte)' ');
        return Utf8Parser.TryParse(value, out long kilobytes, out _) ? kilobytes * 1024 : 0;
    }
}
