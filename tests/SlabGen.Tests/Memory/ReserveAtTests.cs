using SlabGen.Memory;
using SlabGen.Tests.Generated;

namespace SlabGen.Tests.Memory;

/// <summary>A range is reserved exactly where it was asked for, or not at all.</summary>
[Collection(LowAddresses.Collection)]
public sealed class ReserveAtTests
{
    public static TheoryData<string> Backings => OsMemoryTests.Backings;

    [Theory]
    [MemberData(nameof(Backings))]
    public unsafe void AFreeRange_IsTaken_AndIsLikeAnyOther(string backing)
    {
        IOsMemory memory = OsMemoryTests.Create(backing);
        long bytes = memory.ReservationGranularity * 4;
        for (int trial = 0; trial < 16; trial++)
        {
            nint start = memory.Reserve(bytes, memory.ReservationGranularity);
            memory.Unmap(start, bytes);
            if (memory.TryReserveAt(start, bytes)) // else another thread was quicker
            {
                Assert.True(memory.Commit(start, bytes));
                var span = new Span<byte>((void*)start, (int)bytes);
                Assert.False(span.ContainsAnyExcept((byte)0));
                span.Fill(0xa5);
                memory.Unmap(start, bytes);
                return;
            }
        }

        Assert.SkipWhen(backing == OsMemoryTests.Portable || OperatingSystem.IsMacOS(), "this backing chooses the addresses");
        Assert.Fail("never reserved");
    }

    [Theory]
    [MemberData(nameof(Backings))]
    public unsafe void ATakenRange_IsRefused_AndUntouched(string backing)
    {
        IOsMemory memory = OsMemoryTests.Create(backing);
        long unit = memory.ReservationGranularity;
        nint start = memory.Reserve(unit * 4, unit);
        Assert.True(memory.Commit(start, unit * 4));
        var span = new Span<byte>((void*)start, (int)unit * 4);
        span.Fill(0xa5);

        Assert.False(memory.TryReserveAt(start, unit * 4));
        Assert.False(memory.TryReserveAt(start + (nint)unit, unit));
        Assert.False(memory.TryReserveAt(start - (nint)unit, unit * 2)); // only its end is taken

        Assert.False(span.ContainsAnyExcept((byte)0xa5));
        memory.Unmap(start, unit * 4);
    }

    /// <summary>The windows of the zones Dma and Dma32.</summary>
    [Theory]
    [InlineData(64L << 10, 16L << 20)]
    [InlineData(16L << 20, 4L << 30)]
    public unsafe void LowWindows_HaveRoom(long low, long high)
    {
        Assert.SkipUnless(
            Environment.Is64BitProcess && !OperatingSystem.IsMacOS() && OsMemoryTests.Backings.Count > 1,
            "this system does not give out low addresses");
        Assert.SkipWhen(LowestAddress() > low, "the system keeps the low addresses for itself (vm.mmap_min_addr)");
        IOsMemory memory = OsMemory.Current;
        List<nint> taken = [];
        for (long address = low; address < high; address += high / 256)
        {
            if (memory.TryReserveAt((nint)address, 1 << 16))
            {
                taken.Add((nint)address);
            }
        }

        Assert.SkipWhen(taken.Count == 0 && OperatingSystem.IsWindows(), "the system has taken the whole window"); // Wine has the first
        Assert.NotEmpty(taken);
        foreach (nint start in taken)
        {
            Assert.True(memory.Commit(start, Page.Size));
            *(long*)start = start;
        }

        foreach (nint start in taken)
        {
            Assert.Equal(start, *(long*)start);
            memory.Unmap(start, 1 << 16);
        }
    }

    private static long LowestAddress() =>
        OperatingSystem.IsLinux() && SystemFile.Read("/proc/sys/vm/mmap_min_addr") is { } text && long.TryParse(text, out long value) ? value : 0;
}
