using System.ComponentModel;
using SlabGen.Memory;
using SlabGen.Tests.Generated;

namespace SlabGen.Tests.Memory;

/// <summary>Every backing reserves aligned ranges, commits zeros, and gives back what it says it gives back.</summary>
public sealed class OsMemoryTests
{
    internal const string Mmap = "mmap", Windows = "VirtualAlloc2", OldWindows = "VirtualAlloc", Portable = "portable";

    /// <summary>The backings that run on this system; the first is the one that <see cref="OsMemory"/> must choose.</summary>
    public static TheoryData<string> Backings => [.. Available, Portable];

    /// <summary>Those that take single pages back.</summary>
    public static TheoryData<string> ByPage => Available.Length > 0 ? [.. Available] : [Portable];

    private static string[] Available =>
        OperatingSystem.IsWindows() ? [Windows, OldWindows]
        : OperatingSystem.IsLinux() || OperatingSystem.IsMacOS() ? [Mmap]
        : [];

    [Theory]
    [MemberData(nameof(Backings))]
    public unsafe void Range_IsAligned_Zero_AndWritable(string backing)
    {
        IOsMemory memory = Create(backing);
        long bytes = 4 << 20;
        nint start = memory.Reserve(bytes, 4 << 20);
        Assert.NotEqual(0, start);
        Assert.Equal(0, start & ((4 << 20) - 1));
        Assert.True(memory.Commit(start, bytes));

        var span = new Span<byte>((void*)start, (int)bytes);
        Assert.False(span.ContainsAnyExcept((byte)0));
        span.Fill(0xa5);
        Assert.False(span.ContainsAnyExcept((byte)0xa5));
        memory.Unmap(start, bytes);
    }

    [Theory]
    [MemberData(nameof(Backings))]
    public unsafe void Trim_SaysWhetherTheMemoryIsGone(string backing)
    {
        IOsMemory memory = Create(backing);
        nint start = memory.Reserve(1 << 20, Page.Size);
        Assert.True(memory.Commit(start, 1 << 20));
        var span = new Span<byte>((void*)start, 1 << 20);
        span.Fill(0xa5);

        bool gone = memory.Trim(start, 1 << 20);

        Assert.Equal(backing != Portable, gone);
        Assert.False(span.ContainsAnyExcept(gone ? (byte)0 : (byte)0xa5));
        span.Fill(0x5a); // it is still committed
        memory.Unmap(start, 1 << 20);
    }

    [Theory]
    [MemberData(nameof(ByPage))]
    public unsafe void Trim_OfOnePage_LeavesItsNeighbours(string backing)
    {
        Assert.SkipWhen(backing == Portable, "gives back only whole ranges");
        IOsMemory memory = Create(backing);
        nint start = memory.Reserve(Page.Size * 3, Page.Size);
        Assert.True(memory.Commit(start, Page.Size * 3));
        var span = new Span<byte>((void*)start, Page.Size * 3);
        span.Fill(0xa5);

        Assert.True(memory.Trim(start + Page.Size, Page.Size));

        Assert.False(span[..Page.Size].ContainsAnyExcept((byte)0xa5));
        Assert.False(span.Slice(Page.Size, Page.Size).ContainsAnyExcept((byte)0));
        Assert.False(span[(Page.Size * 2)..].ContainsAnyExcept((byte)0xa5));
        memory.Unmap(start, Page.Size * 3);
    }

    [Theory]
    [MemberData(nameof(ByPage))]
    public unsafe void Trim_NeverTakesTheRangeFromItsReaders(string backing)
    {
        Assert.SkipWhen(backing == Portable, "gives back only whole ranges");
        IOsMemory memory = Create(backing);
        nint start = memory.Reserve(1 << 20, Page.Size);
        Assert.True(memory.Commit(start, 1 << 20));
        bool stop = false;
        long torn = 0, reads = 0;
        var reader = new Thread(() =>
        {
            // Access to a range that is not committed ends the process.
            for (long i = 0; !Volatile.Read(ref stop); i += Page.Size + sizeof(long))
            {
                long value = Volatile.Read(ref *(long*)(start + (nint)(i & ((1 << 20) - sizeof(long)))));
                torn += value is 0 or ~0L ? 0 : 1;
                Volatile.Write(ref reads, reads + 1);
            }
        });
        reader.Start();

        for (int round = 0; round < 50 || Volatile.Read(ref reads) < 1000; round++)
        {
            new Span<byte>((void*)start, 1 << 20).Fill(0xff);
            Assert.True(memory.Trim(start, 1 << 20));
        }

        Volatile.Write(ref stop, true);
        reader.Join();
        Assert.Equal(0, torn);
        memory.Unmap(start, 1 << 20);
    }

    [Theory]
    [MemberData(nameof(ByPage))]
    public unsafe void DecommitThenCommit_ReadsZero_AndTheRestStays(string backing)
    {
        Assert.SkipWhen(backing == Portable, "gives back only whole ranges");
        IOsMemory memory = Create(backing);
        nint start = memory.Reserve(1 << 20, Page.Size);
        Assert.True(memory.Commit(start, 1 << 20));
        new Span<byte>((void*)start, 1 << 20).Fill(0xa5);
        Assert.True(memory.Decommit(start, 1 << 19));
        Assert.True(memory.Commit(start, 1 << 19));
        Assert.False(new Span<byte>((void*)start, 1 << 19).ContainsAnyExcept((byte)0));
        Assert.False(new Span<byte>((void*)(start + (1 << 19)), 1 << 19).ContainsAnyExcept((byte)0xa5));
        memory.Unmap(start, 1 << 20);
    }

    [Theory]
    [MemberData(nameof(ByPage))]
    public void ManyReservations_OfOddSizes_AreAllAligned(string backing)
    {
        Assert.SkipWhen(backing == Portable, "takes the memory at once");
        IOsMemory memory = Create(backing);
        var ranges = new List<(nint Start, long Bytes)>();
        for (int i = 0; i < 60; i++)
        {
            long bytes = (i + 1L) * Page.Size, alignment = (long)Page.Size << (i % 15); // to 64 MiB with pages of 4 KiB
            nint start = memory.Reserve(bytes, alignment);
            Assert.NotEqual(0, start);
            Assert.Equal(0, start & (alignment - 1));
            ranges.Add((start, bytes));
        }

        ranges.Sort();
        Assert.All(ranges.Zip(ranges.Skip(1)), pair => Assert.True(pair.First.Start + pair.First.Bytes <= pair.Second.Start));
        ranges.ForEach(range => memory.Unmap(range.Start, range.Bytes));
    }

    [Theory]
    [MemberData(nameof(ByPage))]
    public void AWindowOfManyGigabytes_ComesAndGoes(string backing)
    {
        Assert.SkipWhen(backing == Portable || !Environment.Is64BitProcess, "takes the memory at once");
        IOsMemory memory = Create(backing);
        for (int i = 0; i < 10; i++)
        {
            nint start = memory.Reserve(16L << 30, 4 << 20);
            Assert.NotEqual(0, start);
            Assert.True(memory.Commit((nint)(start + (15L << 30)), 4 << 20));
            memory.Unmap(start, 16L << 30);
        }
    }

    [Theory]
    [MemberData(nameof(Backings))]
    public void Reserve_BeyondTheAddressSpace_ReturnsZero(string backing)
    {
        Assert.Equal(0, Create(backing).Reserve(1L << 60, Page.Size));
        Assert.Equal(0, Create(backing).Reserve(1L << 60, 4 << 20));
    }

    [Fact]
    public void GivingMemoryBack_AllocatesNothingOnTheGcHeap()
    {
        IOsMemory memory = OsMemory.Current;
        nint start = memory.Reserve(Page.Size, Page.Size);
        Assert.True(memory.Commit(start, Page.Size));
        memory.Trim(start, Page.Size); // binds the system call
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 10; i++)
        {
            Assert.True(memory.Trim(start, Page.Size));
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        memory.Unmap(start, Page.Size);
    }

    [Fact]
    public void Windows_WhatTheSystemRefuses_IsReported()
    {
        Assert.SkipUnless(OperatingSystem.IsWindows(), "mmap and munmap take any range");
        IOsMemory memory = Create(Windows);
        nint start = memory.Reserve(1 << 20, Page.Size), inside = start + (1 << 16);
        Assert.False(memory.Decommit(start, 1L << 40)); // past the end of the reservation
        Win32Exception error = Assert.Throws<Win32Exception>(() => memory.Unmap(inside, 1 << 16)); // not where one starts
        Assert.NotEqual(0, error.NativeErrorCode);
        Assert.Contains($"0x{inside:x}", error.Message, StringComparison.Ordinal);
        memory.Unmap(start, 1 << 20);
    }

    [Fact]
    public void TheBackingOfTheSystem_IsChosen() =>
        Assert.Equal(Create(Backings.First().Data).GetType(), OsMemory.Current.GetType());

    internal static IOsMemory Create(string backing) => backing switch
    {
        Windows or OldWindows when OperatingSystem.IsWindows() => new WindowsMemory(aligns: backing == Windows),
        Mmap when OperatingSystem.IsLinux() || OperatingSystem.IsMacOS() => new MmapMemory(),
        _ => new PortableMemory(),
    };
}
