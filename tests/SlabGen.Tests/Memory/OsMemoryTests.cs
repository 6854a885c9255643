using SlabGen.Memory;

namespace SlabGen.Tests.Memory;

/// <summary>Every backing reserves aligned ranges, commits zeros, and gives back what it says it gives back.</summary>
public sealed class OsMemoryTests
{
    public static TheoryData<string> Backings => OperatingSystem.IsLinux() ? ["linux", "portable"] : ["portable"];

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
        memory.Release(start, bytes);
    }

    [Theory]
    [MemberData(nameof(Backings))]
    public unsafe void Discard_SaysWhetherTheMemoryIsGone(string backing)
    {
        IOsMemory memory = Create(backing);
        nint start = memory.Reserve(1 << 20, Page.Size);
        Assert.True(memory.Commit(start, 1 << 20));
        var span = new Span<byte>((void*)start, 1 << 20);
        span.Fill(0xa5);

        bool gone = memory.Discard(start, 1 << 20);

        Assert.Equal(backing == "linux", gone);
        Assert.False(span.ContainsAnyExcept(gone ? (byte)0 : (byte)0xa5));
        memory.Release(start, 1 << 20);
    }

    [Fact]
    public unsafe void Linux_DecommitThenCommit_ReadsZero()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "mmap backing");
        IOsMemory memory = Create("linux");
        nint start = memory.Reserve(1 << 20, Page.Size);
        Assert.True(memory.Commit(start, 1 << 20));
        *(long*)start = 1;
        Assert.True(memory.Decommit(start, 1 << 20));
        Assert.True(memory.Commit(start, 1 << 20));
        Assert.Equal(0, *(long*)start);
        memory.Release(start, 1 << 20);
    }

    [Theory]
    [MemberData(nameof(Backings))]
    public void Reserve_BeyondTheAddressSpace_ReturnsZero(string backing) =>
        Assert.Equal(0, Create(backing).Reserve(1L << 60, Page.Size));

    private static IOsMemory Create(string backing) =>
        backing == "portable" || !OperatingSystem.IsLinux() ? new PortableMemory() : new LinuxMemory();
}
