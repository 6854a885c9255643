using System.Globalization;
using SlabGen.Memory;
using SlabGen.Tests.Generated;

namespace SlabGen.Tests.Memory;

/// <summary>Locked memory stays locked until it is decommitted or released, and a refusal says how to raise the limit.</summary>
public sealed class LockTests
{
    private const int Bytes = 1 << 18;

    public static TheoryData<string> Backings => OsMemoryTests.ByPage;

    [Theory]
    [MemberData(nameof(Backings))]
    public unsafe void ALockedRange_IsWritable_AndStaysLockedThroughTrim(string backing)
    {
        IOsMemory memory = OsMemoryTests.Create(backing);
        nint start = LockedRange(memory);
        var span = new Span<byte>((void*)start, Bytes);
        Assert.False(span.ContainsAnyExcept((byte)0));
        span.Fill(0xa5);

        bool gone = memory.Trim(start, Bytes / 2);

        Assert.False(span[..(Bytes / 2)].ContainsAnyExcept(gone ? (byte)0 : (byte)0xa5));
        Assert.False(span[(Bytes / 2)..].ContainsAnyExcept((byte)0xa5));
        if (OperatingSystem.IsLinux())
        {
            Assert.Equal(Environment.OSVersion.Version >= new Version(5, 18), gone);
            Assert.Contains("lo", Smaps.Flags(start));
        }
        else
        {
            Assert.False(gone);
        }

        Unmap(memory, start);
    }

    [Theory]
    [MemberData(nameof(Backings))]
    public unsafe void Trim_BesideALockedRange_AndAfterIt(string backing)
    {
        IOsMemory memory = OsMemoryTests.Create(backing);
        nint start = LockedRange(memory), behind = start + Bytes;
        Assert.True(memory.Commit(behind, Bytes));
        var span = new Span<byte>((void*)start, Bytes * 2);
        span.Fill(0xa5);
        Assert.True(memory.Trim(behind, Bytes));
        Assert.False(span[..Bytes].ContainsAnyExcept((byte)0xa5));

        Assert.True(memory.Decommit(start, Bytes)); // ends the lock
        Assert.True(memory.Commit(start, Bytes));
        span.Fill(0x5a);
        if (OperatingSystem.IsLinux())
        {
            Assert.DoesNotContain("lo", Smaps.Flags(start));
        }

        Assert.True(memory.Trim(start, Bytes * 2));
        Assert.False(span.ContainsAnyExcept((byte)0));
        Unmap(memory, start);
    }

    [Fact]
    public unsafe void Linux_APage_IsLockedWhenItIsTouched()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "elsewhere all pages are brought in at once");
        nint start = LockedRange(OsMemory.Current);
        Assert.Equal(0, Smaps.KiB(start, "Locked:"));
        *(int*)start = 1;
        Assert.Equal(Page.Size >> 10, Smaps.KiB(start, "Locked:"));
        if (OsMemory.Current.Trim(start, Bytes))
        {
            Assert.Equal(0, Smaps.KiB(start, "Locked:"));
            *(int*)start = 1;
            Assert.Equal(Page.Size >> 10, Smaps.KiB(start, "Locked:"));
        }

        Unmap(OsMemory.Current, start);
    }

    [Fact]
    public void Linux_BeyondTheLimit_TheRefusalNamesIt()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "RLIMIT_MEMLOCK is of Linux");
        string[] words = File.ReadLines("/proc/self/limits").First(line => line.StartsWith("Max locked memory", StringComparison.Ordinal))
            .Split(' ', StringSplitOptions.RemoveEmptyEntries);
        Assert.SkipUnless(long.TryParse(words[3], CultureInfo.InvariantCulture, out long limit) && limit <= 1 << 30, "no limit worth its name");
        IOsMemory memory = OsMemory.Current;
        long bytes = Page.RoundUp(limit + 1, Page.Size);
        nint start = memory.Reserve(bytes, Page.Size);
        Assert.True(memory.Commit(start, bytes));

        bool locked = memory.TryLock(start, bytes, out string? refusal);

        memory.Unmap(start, bytes);
        Assert.SkipWhen(locked, "this process may lock more than the limit (CAP_IPC_LOCK)");
        Assert.Contains($"{bytes} bytes", refusal, StringComparison.Ordinal);
        Assert.Contains($"RLIMIT_MEMLOCK permits {limit} bytes", refusal, StringComparison.Ordinal);
        Assert.All(["ulimit -l", "LimitMEMLOCK=", "--ulimit memlock"], way => Assert.Contains(way, refusal, StringComparison.Ordinal));
    }

    [Fact]
    public void Windows_BeyondTheWorkingSet_TheRefusalNamesIt()
    {
        Assert.SkipUnless(OperatingSystem.IsWindows(), "the working set is of Windows");
        IOsMemory memory = OsMemory.Current;
        const int Much = 256 << 20;
        nint start = memory.Reserve(Much, Page.Size);
        Assert.SkipUnless(memory.Commit(start, Much), "too little memory");

        bool locked = memory.TryLock(start, Much, out string? refusal);

        memory.Unmap(start, Much);
        Assert.SkipWhen(locked, "this process may lock 256 MiB");
        Assert.Contains($"{Much} bytes", refusal, StringComparison.Ordinal);
        Assert.Contains("SetProcessWorkingSetSize", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void Portable_SaysThatItCannot()
    {
        var memory = new PortableMemory();
        nint start = memory.Reserve(Bytes, Page.Size);
        Assert.False(memory.TryLock(start, Bytes, out string? refusal));
        Assert.NotEmpty(refusal);
        memory.Unmap(start, Bytes);
    }

    /// <summary>A committed and locked range, with as much before and behind it that is only reserved.</summary>
    private static nint LockedRange(IOsMemory memory)
    {
        nint start = memory.Reserve(Bytes * 3, Page.Size) + Bytes;
        Assert.True(memory.Commit(start, Bytes));
        bool locked = memory.TryLock(start, Bytes, out string? refusal);
        Assert.SkipUnless(locked, refusal ?? "");
        return start;
    }

    private static void Unmap(IOsMemory memory, nint start) => memory.Unmap(start - Bytes, Bytes * 3);
}
