using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace SlabGen.Memory;

/// <summary>
/// The file that holds pages which have no address until they are mapped (the kernel's <c>ZONE_HIGHMEM</c>). Each page
/// lies at its offset in the file. It is visible at an address only between <see cref="TryMap"/> and
/// <see cref="TryUnmap"/>.
/// </summary>
/// <remarks>
/// <para>All offsets, addresses and sizes are multiples of <see cref="Page.Size"/>. Touching a mapped page for which
/// the file has no block ends the process (<c>SIGBUS</c>) when the disk is full: <see cref="TryGrow"/> a range before
/// using it, and again after <see cref="Trim"/>. The same happens when someone else truncates the file under a
/// mapping.</para>
/// <para>Any thread may call; the caller makes sure that no two calls touch the same range at once.</para>
/// <para>No test of the macOS side has run on a Mac.</para>
/// </remarks>
[SupportedOSPlatform("linux")]
[SupportedOSPlatform("macos")]
internal sealed partial class BackingFile : IDisposable
{
    private const int ProtRead = 1, ProtWrite = 2, MapShared = 0x01, MapFixed = 0x10;
    private const int KeepSize = 0x01, PunchHole = 0x02; // FALLOC_FL_*
    private const uint CloseOnExec = 0x0001; // MFD_CLOEXEC
    private const int LimitOfFileSize = 1; // RLIMIT_FSIZE
    private const int ShownOfPath = 200; // in messages; a path may have any length
    private const int Interrupted = 4, NotSupported = 95; // EINTR, EOPNOTSUPP

    private readonly FileStream _stream;
    private readonly SafeFileHandle _file;
    private readonly string? _path;
    private readonly string? _link;
    private readonly bool _created;
    private readonly UninterruptibleLock _growth = new();
    private long _length;

    private BackingFile(FileStream stream, string? path, bool created)
    {
        _stream = stream;
        _file = stream.SafeFileHandle;
        _path = path;
        _created = created;
        _link = path is null ? null : ReadLink();
    }

    /// <summary>
    /// Whether this system can map files over a reserved range, page by page. (Their offsets take 64 bits.)
    /// </summary>
    [SupportedOSPlatformGuard("linux")]
    [SupportedOSPlatformGuard("macos")]
    public static bool IsSupported =>
        Environment.Is64BitProcess && (OperatingSystem.IsLinux() || OperatingSystem.IsMacOS());

    /// <summary>
    /// The name of the file in messages: "memory file", or "file" and its full path, cut if it is long.
    /// </summary>
    public string Description => IsInMemory ? "memory file" : $"file {ShownText.Quote(_path!, ShownOfPath)}";

    /// <summary>
    /// Whether the file has no name and lives in memory. On macOS it lives in the directory for temporary files.
    /// </summary>
    public bool IsInMemory => _path is null;

    /// <summary>
    /// Creates an empty file without a path. On Linux <c>/proc/self/maps</c> shows its <paramref name="name"/>.
    /// </summary>
    /// <exception cref="IOException">The system refuses: most often because the process has too many files
    /// open.</exception>
    public static BackingFile InMemory(string name)
    {
        if (OperatingSystem.IsLinux())
        {
            var file = new SafeFileHandle(CreateMemoryFile(name, CloseOnExec), ownsHandle: true);
            return file.IsInvalid
                ? throw new IOException($"memfd_create could not create the memory file {name}: {Marshal.GetLastPInvokeErrorMessage()}")
                : new BackingFile(new FileStream(file, FileAccess.ReadWrite, bufferSize: 0), path: null, created: true);
        }

        string path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        FileStream stream = Open(path, create: true);
        File.Delete(path);
        return new BackingFile(stream, path: null, created: true);
    }

    /// <summary>Creates the file with access for its owner only, or takes over an empty one.</summary>
    /// <exception cref="IOException">The path is a directory or a file that is not empty or in use, or its directory or
    /// the permission is missing.</exception>
    public static BackingFile OnDisk(string path)
    {
        path = Path.GetFullPath(path);
        bool create = !File.Exists(path);
        FileStream? stream = null;
        try
        {
            stream = Open(path, create);
            if (stream.Length > 0)
            {
                throw new IOException("It is not empty, and its contents would be lost.");
            }

            RandomAccess.SetLength(stream.SafeFileHandle, 0); // a device has no length to set
            return new BackingFile(stream, path, create);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            stream?.Dispose();
            string shown = ShownText.Quote(path, ShownOfPath);
            string reason = Directory.Exists(path)
                ? "It is a directory."
                : error.Message.Replace($"'{path}'", "it", StringComparison.Ordinal)
                    .Replace(path, "it", StringComparison.Ordinal);
            throw new IOException($"The file {shown} cannot hold the pages of a zone. {reason}", error);
        }
    }

    /// <summary>
    /// Makes sure that the file has blocks for a range. The range can then be mapped and written, whatever else fills
    /// the disk. What lies in the range stays; the rest is zero.
    /// </summary>
    /// <remarks>
    /// On macOS, and on file systems without <c>fallocate</c>, this writes zeros behind the end. A file system that
    /// copies on write may still need another block when the page is written.
    /// </remarks>
    /// <returns>
    /// <see langword="false"/> when refused. Then the text names the file and says why, and the file is as it was; only
    /// a range before its end may keep the blocks that it got.
    /// </returns>
    public bool TryGrow(long offset, long bytes, [NotNullWhen(false)] out string? refusal)
    {
        // After a failure the old length is set again, and without the lock would cut off what another thread has
        // grown.
        using (_growth.Hold())
        {
            refusal = Grow(offset, bytes) is { } reason
                ? $"The {Description} cannot grow by {bytes} bytes at offset {offset}: {reason}"
                : null;
        }

        return refusal is null;
    }

    /// <summary>
    /// Gives the blocks of a range back; it reads as zero. <see cref="TryGrow"/> it before it is used again.
    /// </summary>
    /// <returns><see langword="false"/> when the system or the file system cannot: the contents stay.</returns>
    public bool Trim(long offset, long bytes) =>
        OperatingSystem.IsLinux() && Allocate(PunchHole | KeepSize, offset, bytes) == 0;

    /// <summary>Makes a range of the file readable and writable at an address within a reservation.</summary>
    /// <returns>
    /// <see langword="false"/> when refused; then the text says why, and the addresses are reserved as before.
    /// </returns>
    public bool TryMap(nint address, long offset, long bytes, [NotNullWhen(false)] out string? refusal)
    {
        long length = RandomAccess.GetLength(_file);
        string? reason =
            bytes > length - offset ? $"the file ends at {length}; it was truncated, or never grown so far"
            : !MappingBudget.TryTake(eighths: 6)
                ? $"the process has most of the {MappingBudget.Limit} mappings it may have (raise it with 'sysctl vm.max_map_count=...')"
            : Map(address, (nuint)bytes, ProtRead | ProtWrite, MapShared | MapFixed, _file, offset) != address
                ? Marshal.GetLastPInvokeErrorMessage()
            : null;
        refusal = reason is null ? null : $"Cannot map {bytes} bytes at offset {offset} of the {Description}: {reason}";
        return reason is null;
    }

    /// <summary>
    /// Takes mapped addresses back to <c>reserved</c>, without access. The file keeps what was written.
    /// </summary>
    /// <returns><see langword="false"/> when the process has nearly as many mappings as it may. The range then stays
    /// mapped.</returns>
    public static bool TryUnmap(nint address, long bytes) =>
        MappingBudget.TryTake(eighths: 7) // more than TryMap may use, because most unmapping leaves fewer mappings
        && OsMemory.Current.Decommit(address, bytes); // the fresh mapping that it makes takes the place of any other

    /// <summary>
    /// Closes the file. A file that was created here is deleted, if it is still at its path. A file that was found
    /// empty is emptied again.
    /// </summary>
    /// <remarks>
    /// Unmap first. Touching a mapping of an emptied file ends the process, and a mapping keeps the blocks of a deleted
    /// one.
    /// </remarks>
    public void Dispose()
    {
        if (_file.IsClosed)
        {
            return;
        }

        try
        {
            if (!_created)
            {
                RandomAccess.SetLength(_file, 0);
            }
            else if (_path is not null && IsInPlace())
            {
                File.Delete(_path);
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The directory may have become read-only. The file stays, and nothing else depends on it.
        }
        finally
        {
            _stream.Dispose();
        }
    }

    private static FileStream Open(string path, bool create) => new(path, new FileStreamOptions
    {
        Mode = create ? FileMode.CreateNew : FileMode.Open,
        Access = FileAccess.ReadWrite,
        Share = FileShare.None,
        BufferSize = 0,
        UnixCreateMode = create ? UnixFileMode.UserRead | UnixFileMode.UserWrite : null,
    });

    /// <summary>Whether the path still names this file.</summary>
    /// <remarks>
    /// Not by inode: the layout of <c>struct stat</c> depends on the processor, and <c>statx</c> on the C library.
    /// </remarks>
    private bool IsInPlace() =>
        IsInMemory || (OperatingSystem.IsLinux() ? ReadLink() == _link
        : File.GetCreationTimeUtc(_file) == File.GetCreationTimeUtc(_path!)); // APFS stores nanoseconds

    /// <summary>
    /// Where the kernel sees the file, with symbolic links resolved. The kernel appends " (deleted)" to a deleted one.
    /// </summary>
    private string? ReadLink() => OperatingSystem.IsLinux()
        ? File.ResolveLinkTarget($"/proc/self/fd/{_file.DangerousGetHandle()}", returnFinalTarget: false)?.FullName
        : null;

    [LibraryImport("libc", EntryPoint = "memfd_create", SetLastError = true,
        StringMarshalling = StringMarshalling.Utf8)]
    private static partial int CreateMemoryFile(string name, uint flags);

    [LibraryImport("libc", EntryPoint = "fallocate", SetLastError = true)]
    private static partial int Allocate(SafeFileHandle file, int mode, long offset, long bytes);

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static partial nint Map(nint address, nuint length, int protection, int flags, SafeFileHandle file,
        long offset);

    [LibraryImport("libc", EntryPoint = "getrlimit")]
    private static partial int GetLimit(int resource, out ResourceLimit limit);

    /// <summary><c>struct rlimit</c>, with 64 bits.</summary>
    private struct ResourceLimit
    {
        public ulong Current;
        public ulong Max;
    }
}
