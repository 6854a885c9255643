using System.Globalization;
using System.Runtime.InteropServices;
using SlabGen.Memory;
using SlabGen.Tests.Generated;
using Processor = System.Runtime.InteropServices.Architecture;

namespace SlabGen.Tests.Memory;

/// <summary>Huge pages come where they were asked for; a refusal says what to set, and leaves the range as it was.</summary>
public sealed class HugePageTests
{
    private const int Huge = 2 << 20;

    public static TheoryData<string, HugePages> Requests =>
        new MatrixTheoryData<string, HugePages>(OsMemoryTests.Backings.Select(row => row.Data), Enum.GetValues<HugePages>());

    [Theory]
    [MemberData(nameof(Requests))]
    public unsafe void GrantedOrRefused_TheRangeServes(string backing, HugePages huge)
    {
        IOsMemory memory = OsMemoryTests.Create(backing);
        nint start = memory.Reserve(Huge * 4, Huge);

        bool granted = memory.TryUseHugePages(start, Huge * 2, huge, out string? refusal);

        Assert.Equal(granted, refusal is null);
        Assert.NotEqual("", refusal);
        Assert.True(huge != HugePages.None || granted);
        Assert.True(memory.Commit(start, Huge * 3));
        var span = new Span<byte>((void*)start, Huge * 3);
        Assert.False(span.ContainsAnyExcept((byte)0));
        span.Fill(0xa5);
        memory.Unmap(start, Huge * 4);
    }

    [Fact]
    public void Transparent_IsAdvised_UntilDecommit()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "transparent huge pages are of Linux");
        IOsMemory memory = OsMemory.Current;
        nint start = memory.Reserve(Huge * 3, Huge);
        Assert.True(memory.Commit(start, Huge * 3));

        bool granted = memory.TryUseHugePages(start, Huge * 2, HugePages.Transparent, out string? refusal);

        Assert.SkipUnless(granted, refusal ?? "");
        bool advised = Smaps.Flags(start).Contains("hg");
        Assert.SkipUnless(advised || RuntimeInformation.ProcessArchitecture == Processor.X64, "an emulator takes the advice and drops it");
        Assert.True(advised);
        Assert.DoesNotContain("hg", Smaps.Flags(start + (Huge * 2)));
        Assert.True(memory.Trim(start + Page.Size, Page.Size)); // single pages still go back
        Assert.True(memory.Decommit(start, Huge * 2));
        Assert.DoesNotContain("hg", Smaps.Flags(start));
        memory.Unmap(start, Huge * 3);
    }

    [Fact]
    public unsafe void Reserved_ComesFromThePool_AndGoesBackByHugePages()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the pool of huge pages is of Linux");
        IOsMemory memory = OsMemory.Current;
        nint start = memory.Reserve(Huge * 4, Huge), pool = start + Huge;
        bool granted = memory.TryUseHugePages(pool, Huge * 2, HugePages.Reserved, out string? refusal);
        Assert.SkipUnless(granted, refusal ?? "");
        Assert.Contains("ht", Smaps.Flags(pool));
        var span = new Span<byte>((void*)pool, Huge * 2);
        Assert.False(span.ContainsAnyExcept((byte)0));
        span.Fill(0xa5);

        Assert.False(memory.Trim(pool, Page.Size));
        Assert.False(memory.Trim(pool + Huge - Page.Size, Huge));
        Assert.False(memory.Trim(pool, Huge * 2)); // else a later touch could find the pool empty, and end the process
        Assert.False(memory.Decommit(pool, Page.Size));
        Assert.False(span.ContainsAnyExcept((byte)0xa5));

        Assert.True(memory.Decommit(pool, Huge));
        Assert.True(memory.Commit(pool, Huge));
        Assert.False(span[..Huge].ContainsAnyExcept((byte)0));
        Assert.False(span[Huge..].ContainsAnyExcept((byte)0xa5));
        Assert.DoesNotContain("ht", Smaps.Flags(pool));
        Assert.Contains("ht", Smaps.Flags(pool + Huge));
        Assert.True(memory.Trim(pool, Page.Size)); // an ordinary page again
        memory.Unmap(start, Huge * 4);
    }

    [Fact]
    public unsafe void Reserved_MoreThanThePoolHas_NamesThePool_AndLeavesTheRangeReserved()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the pool of huge pages is of Linux");
        IOsMemory memory = OsMemory.Current;
        long bytes = Page.RoundUp(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes * 2, Huge);
        nint start = memory.Reserve(bytes, Huge);

        Assert.False(memory.TryUseHugePages(start, bytes, HugePages.Reserved, out string? refusal));

        Assert.False(memory.TryReserveAt(start + (nint)(bytes / 2), Page.Size)); // still taken
        Assert.True(memory.Commit(start, Huge));
        Assert.False(new Span<byte>((void*)start, Huge).ContainsAnyExcept((byte)0));
        memory.Unmap(start, bytes);
        Assert.SkipWhen(refusal.Contains("are not of 2 MiB", StringComparison.Ordinal), refusal);
        Assert.Contains("/proc/sys/vm/nr_hugepages", refusal, StringComparison.Ordinal);
        Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"{bytes / Huge} huge pages"), refusal, StringComparison.Ordinal);
    }
}
