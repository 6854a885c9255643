using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using SlabGen.Memory;
using SlabGen.Tests.Generated;
using Microsoft.Win32.SafeHandles;

namespace SlabGen.Tests.Memory;

/// <summary>
/// Pages in a file keep their contents while they are not mapped, and what would later end the process (no blocks, a
/// shorter file) is refused before, with the reason.
/// </summary>
[SupportedOSPlatform("linux")]
[SupportedOSPlatform("macos")]
public sealed partial class BackingFileTests : IDisposable
{
    private const int Pages = 64;

    private static readonly long s_bytes = (long)Pages * Page.Size;

    private readonly string _directory;
    private readonly string _path;
    private readonly nint _start;

    public BackingFileTests()
    {
        Assert.SkipUnless(BackingFile.IsSupported, "no mmap, or no 64-bit offsets");
        _directory = Directory.CreateTempSubdirectory("slabgen-").FullName;
        _path = Path.Combine(_directory, "pages");
        _start = OsMemory.Current.Reserve(s_bytes, Page.Size);
    }

    public void Dispose()
    {
        if (BackingFile.IsSupported)
        {
            OsMemory.Current.Unmap(_start, s_bytes);
            Directory.Delete(_directory, recursive: true);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Contents_OutliveTheirMapping(bool inMemory)
    {
        using BackingFile file = Create(inMemory);
        Grow(file, 0, Pages);
        Map(file, 5, 2).Fill(0xa5);
        Assert.True(BackingFile.TryUnmap(Address(5), 2 * Page.Size));

        Assert.False(Map(file, 5, 2).ContainsAnyExcept((byte)0xa5));
        Assert.False(Map(file, 7, 1).ContainsAnyExcept((byte)0));
        Assert.Equal(inMemory, file.IsInMemory);
        Assert.Equal(inMemory ? "memory file" : $"file '{_path}'", file.Description);
    }

    [Fact]
    public void Pages_MappedOutOfOrder_AreTheirOwn()
    {
        using BackingFile file = Create();
        Grow(file, 0, Pages);
        Map(file, 9, 1).Fill(9);
        Map(file, 3, 1).Fill(3);
        Assert.True(BackingFile.TryUnmap(Address(9), Page.Size));
        Assert.True(BackingFile.TryUnmap(Address(3), Page.Size));

        Span<byte> all = Map(file, 0, Pages);

        for (int page = 0; page < Pages; page++)
        {
            Assert.False(all.Slice(page * Page.Size, Page.Size).ContainsAnyExcept((byte)(page is 3 or 9 ? page : 0)));
        }
    }

    [Fact]
    public void AnUnmappedRange_IsReservedAsBefore()
    {
        using BackingFile file = Create();
        Grow(file, 0, Pages);
        Map(file, 0, Pages);
        Assert.True(BackingFile.TryUnmap(_start, s_bytes));

        Assert.True(OsMemory.Current.Commit(_start, s_bytes));
        unsafe
        {
            new Span<byte>((void*)_start, (int)s_bytes).Fill(0xff); // anonymous memory: the file sees nothing of it
        }

        Assert.False(Map(file, 0, Pages).ContainsAnyExcept((byte)0));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Trim_GivesTheBlocksBack_AndReadsZero(bool inMemory)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "holes are Linux's");
        using BackingFile file = Create(inMemory);
        Grow(file, 0, Pages);
        Span<byte> all = Map(file, 0, Pages);
        all.Fill(0xa5);
        long blocks = inMemory ? 0 : BlocksOf(_path);

        Assert.True(file.Trim(4 * Page.Size, 40 * Page.Size));

        Assert.False(all.Slice(4 * Page.Size, 40 * Page.Size).ContainsAnyExcept((byte)0));
        Assert.False(all[..(4 * Page.Size)].ContainsAnyExcept((byte)0xa5));
        Assert.False(all[(44 * Page.Size)..].ContainsAnyExcept((byte)0xa5));
        if (!inMemory)
        {
            Assert.True(BlocksOf(_path) <= blocks - (40 * Page.Size / 512));
            Grow(file, 4, 40);
            Assert.True(BlocksOf(_path) >= blocks);
        }
    }

    [Fact]
    public void AGrownFile_HasItsBlocks_AndKeepsWhatItHolds()
    {
        using BackingFile file = Create(inMemory: false);
        Grow(file, 1, 1);
        Map(file, 1, 1).Fill(0xa5);
        Grow(file, 0, Pages);

        Assert.Equal(s_bytes, new FileInfo(_path).Length);
        Assert.False(Map(file, 1, 1).ContainsAnyExcept((byte)0xa5));
        if (OperatingSystem.IsLinux())
        {
            Assert.True(BlocksOf(_path) >= s_bytes / 512);
        }
    }

    [Fact]
    public void MoreThanTheDiskHas_IsRefused_AndTheFileGoesOn()
    {
        string path = PathInShm();
        using BackingFile file = BackingFile.OnDisk(path);
        Grow(file, 0, 2);
        Map(file, 0, 2).Fill(0xa5);
        long size = MoreThanShmHas();

        Assert.False(file.TryGrow(Page.Size, size, out string? refusal));

        AssertSays(refusal, path, $"{size} bytes", "No space left on device");
        Assert.False(Map(file, 0, 2).ContainsAnyExcept((byte)0xa5));
        Grow(file, 2, 2);
        Map(file, 2, 2).Fill(0x5a);
    }

    [Fact]
    public void AFailedGrow_CutsOffNothingThatOthersGrow()
    {
        const int Count = 2000;
        string path = PathInShm();
        using BackingFile file = BackingFile.OnDisk(path);
        long size = MoreThanShmHas();
        bool done = false;
        var failing = new Thread(() =>
        {
            while (!Volatile.Read(ref done))
            {
                _ = file.TryGrow((long)Count * Page.Size, size, out _);
            }
        });
        failing.Start();

        for (int page = 0; page < Count; page++)
        {
            Grow(file, page, 1);
        }

        Volatile.Write(ref done, true);
        failing.Join();
        Assert.Equal((long)Count * Page.Size, new FileInfo(path).Length);
        Assert.True(BlocksOf(path) >= (long)Count * Page.Size / 512);
    }

    [Theory]
    [InlineData("tmpfs", "-t tmpfs -o size=1m tmpfs")]
    [InlineData("ext4", "-o loop")] // keeps the blocks that it found before it ran out
    [InlineData("ext2", "-o loop")] // has no fallocate: zeros are written
    public void AFullDisk_IsRefused_AndTheFileGoesOn(string kind, string options)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "only root may mount a small disk");
        string mountPoint = Directory.CreateDirectory(Path.Combine(_directory, "disk")).FullName;
        string image = kind == "tmpfs" ? "" : Path.Combine(_directory, "image");
        if (image != "")
        {
            using (SafeFileHandle disk = File.OpenHandle(image, FileMode.CreateNew, FileAccess.Write))
            {
                RandomAccess.SetLength(disk, 2 << 20);
            }

            Assert.SkipUnless(TryRun($"mkfs.{kind}", image), $"no mkfs.{kind}");
        }

        Assert.SkipUnless(TryRun("mount", $"{options} {image} {mountPoint}"), $"this system mounts no {kind}");
        try
        {
            string path = Path.Combine(mountPoint, "pages");
            using BackingFile file = BackingFile.OnDisk(path);
            Grow(file, 0, 2);
            Map(file, 0, 2).Fill(0xa5);
            var drive = new DriveInfo(mountPoint);
            long free = drive.AvailableFreeSpace;

            Assert.False(file.TryGrow(2 * Page.Size, 2 << 20, out string? refusal));

            AssertSays(refusal, path, $"{2 << 20} bytes", "No space left on device");
            Assert.InRange(drive.AvailableFreeSpace, free - (64 << 10), free);
            Assert.Equal(2 * Page.Size, new FileInfo(path).Length);
            Assert.False(Map(file, 0, 2).ContainsAnyExcept((byte)0xa5));
            Grow(file, 2, 2);
            Map(file, 2, 2).Fill(0x5a);
            Assert.True(BackingFile.TryUnmap(_start, s_bytes));
        }
        finally
        {
            Assert.True(TryRun("umount", $"--lazy {mountPoint}")); // a test that failed may have left pages mapped
        }
    }

    [Fact]
    public void TheLimitOfFileSizes_IsRefused_AndEndsNoProcess()
    {
        const int FileSize = 1; // RLIMIT_FSIZE
        const long Limit = 1L << 50; // so far above any file that other tests do not notice
        using BackingFile file = Create();
        Assert.Equal(0, GetLimit(FileSize, out ResourceLimit limit));
        ResourceLimit lower = limit with { Current = ulong.Min(limit.Current, (ulong)Limit) };
        Assert.Equal(0, SetLimit(FileSize, lower));
        try
        {
            Assert.False(file.TryGrow(Limit, Page.Size, out string? refusal));
            AssertSays(refusal, file.Description, $"{Page.Size} bytes", "RLIMIT_FSIZE", lower.Current.ToString(CultureInfo.InvariantCulture));
        }
        finally
        {
            Assert.Equal(0, SetLimit(FileSize, limit));
        }
    }

    [Fact]
    public void ADeletedFile_IsReadToTheEnd_AndGrowsNoMore()
    {
        using BackingFile file = Create(inMemory: false);
        Grow(file, 0, 1);
        Map(file, 0, 1).Fill(0xa5);
        Assert.True(BackingFile.TryUnmap(_start, Page.Size));
        File.Delete(_path);

        Assert.False(Map(file, 0, 1).ContainsAnyExcept((byte)0xa5));
        Assert.False(file.TryGrow(Page.Size, Page.Size, out string? refusal));
        AssertSays(refusal, _path, $"{Page.Size} bytes", "deleted");
    }

    [Fact]
    public void ATruncatedFile_IsNotMappedBeyondItsEnd_NorGrown()
    {
        using BackingFile file = Create(inMemory: false);
        Grow(file, 0, 4);
        Assert.True(file.TryMap(_start, 0, 4 * Page.Size, out _));
        Assert.True(BackingFile.TryUnmap(_start, 4 * Page.Size));
        Assert.Equal(0, Truncate(_path, 2 * Page.Size));

        Assert.False(file.TryMap(Address(2), 2 * Page.Size, Page.Size, out string? refusal));

        AssertSays(refusal, _path, $"{Page.Size} bytes", $"ends at {2 * Page.Size}");
        Assert.False(file.TryGrow(4 * Page.Size, Page.Size, out refusal));
        AssertSays(refusal, _path, $"truncated to {2 * Page.Size}");
        Map(file, 0, 2).Fill(0xa5);
    }

    [Fact]
    public void WhatTheSystemDoesNotMap_IsRefused()
    {
        string path = PathInShm(); // where a file may be larger than the address space
        using BackingFile file = BackingFile.OnDisk(path);
        Assert.Equal(0, Truncate(path, 1L << 58));

        Assert.False(file.TryMap(_start, 0, 1L << 58, out string? refusal));

        AssertSays(refusal, path, "Cannot allocate memory");
    }

    [Fact]
    public void AFileWithContents_IsRefused_AndLeftAlone()
    {
        File.WriteAllText(_path, "letters");
        AssertSays(Assert.Throws<IOException>(() => BackingFile.OnDisk(_path)).Message, _path, "not empty");
        Assert.Equal("letters", File.ReadAllText(_path));
    }

    [Fact]
    public void APathThatCannotBeAFile_IsRefusedByName()
    {
        File.WriteAllText(_path, "");
        string[] paths =
        [
            _directory,
            Path.Combine(_directory, "missing", "pages"),
            Path.Combine(_path, "pages"), // below a file
            "/dev/null",
            OperatingSystem.IsLinux() ? "/proc/slabgen" : "/slabgen", // where even root may create nothing
        ];
        Assert.All(paths, path => AssertSays(Assert.Throws<IOException>(() => BackingFile.OnDisk(path)).Message, path));
        AssertSays(Assert.Throws<IOException>(() => BackingFile.OnDisk(_directory)).Message, "directory");
    }

    [Fact]
    public void WithoutPermission_TheFileIsRefusedByName()
    {
        Assert.SkipWhen(Environment.IsPrivilegedProcess, "root may write anywhere");
        File.SetUnixFileMode(_directory, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        try
        {
            AssertSays(Assert.Throws<IOException>(() => BackingFile.OnDisk(_path)).Message, _path, "denied");
        }
        finally
        {
            File.SetUnixFileMode(_directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    [Fact]
    public void AFileInUse_IsRefused()
    {
        File.WriteAllText(_path, "");
        using BackingFile first = BackingFile.OnDisk(_path);
        AssertSays(Assert.Throws<IOException>(() => BackingFile.OnDisk(_path)).Message, _path);
    }

    [Fact]
    public void Dispose_DeletesItsOwnFile()
    {
        BackingFile file = BackingFile.OnDisk(_path);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_path));
        file.Dispose();
        Assert.False(File.Exists(_path));
        file.Dispose();
    }

    [Fact]
    public void Dispose_LeavesAnotherFileInItsPlace()
    {
        BackingFile file = BackingFile.OnDisk(_path);
        File.Delete(_path);
        File.WriteAllText(_path, "letters");
        file.Dispose();
        Assert.Equal("letters", File.ReadAllText(_path));
    }

    [Fact]
    public void Dispose_EmptiesAFileThatWasThere()
    {
        File.WriteAllText(_path, "");
        BackingFile file = BackingFile.OnDisk(_path);
        Grow(file, 0, 1);
        file.Dispose();
        Assert.Equal(0, new FileInfo(_path).Length);
    }

    [Fact]
    public void A_long_path_is_cut_where_it_is_shown()
    {
        string path = "/" + string.Join('/', Enumerable.Repeat(new string('d', 99), 50));
        string says = Assert.Throws<IOException>(() => BackingFile.OnDisk(path)).Message;
        Assert.StartsWith("The file '/ddd", says, StringComparison.Ordinal);
        Assert.True(says.Length < 600, says);
    }

    private BackingFile Create(bool inMemory = true) => inMemory ? BackingFile.InMemory("pages") : BackingFile.OnDisk(_path);

    private nint Address(int page) => _start + ((nint)page * Page.Size);

    private static void Grow(BackingFile file, int page, int pages) =>
        Assert.True(file.TryGrow((long)page * Page.Size, (long)pages * Page.Size, out string? refusal), refusal);

    private unsafe Span<byte> Map(BackingFile file, int page, int pages)
    {
        int bytes = pages * Page.Size;
        Assert.True(file.TryMap(Address(page), (long)page * Page.Size, bytes, out string? refusal), refusal);
        return new Span<byte>((void*)Address(page), bytes);
    }

    /// <summary>A path in a file system that refuses at once what is larger than itself.</summary>
    private static string PathInShm()
    {
        Assert.SkipUnless(Directory.Exists("/dev/shm"), "this system has no /dev/shm");
        return $"/dev/shm/slabgen-{Guid.NewGuid():n}";
    }

    private static long MoreThanShmHas() => Page.RoundUp(new DriveInfo("/dev/shm").TotalSize, Page.Size) + Page.Size;

    private static void AssertSays(string? message, params string[] parts) =>
        Assert.All(parts, part => Assert.Contains(part, message, StringComparison.Ordinal));

    /// <summary>Blocks of 512 bytes that a file takes on its disk.</summary>
    private static long BlocksOf(string path) => long.Parse(Run("stat", $"-c %b {path}").Output, CultureInfo.InvariantCulture);

    private static bool TryRun(string command, string arguments)
    {
        try
        {
            return Run(command, arguments).ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false; // there is no such command
        }
    }

    private static (int ExitCode, string Output) Run(string command, string arguments)
    {
        var start = new ProcessStartInfo(command, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output);
    }

    // System.IO does not open a file that another handle holds for itself alone. Other programs do.
    [LibraryImport("libc", EntryPoint = "truncate", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Truncate(string path, long bytes);

    [LibraryImport("libc", EntryPoint = "getrlimit")]
    private static partial int GetLimit(int resource, out ResourceLimit limit);

    [LibraryImport("libc", EntryPoint = "setrlimit")]
    private static partial int SetLimit(int resource, in ResourceLimit limit);

    private struct ResourceLimit
    {
        public ulong Current;
        public ulong Max;
    }
}
