using SlabGen.Memory;
using SlabGen.Zones;

namespace SlabGen.Tests.Zones;

/// <summary>Proves that pages which lie in several reservations can be given back in parts. Catches a section that stays in use though some of its pages fault.</summary>
public sealed class AddressWindowTests
{
    private const int Part = 1 << 20, Section = 4 << 20;

    [Theory]
    [InlineData(4)]
    [InlineData(3)] // that was told as refused, and the section stayed in use: its first pages faulted
    [InlineData(1)]
    public void What_went_in_parts_is_gone(int parts)
    {
        var memory = new InParts();
        AddressWindow window = memory.MakeWindow();
        Assert.True(window.Commit(0, Section / (uint)Page.Size));
        memory.DecommitsLeft = parts;
        Assert.True(window.Decommit(0, Section / (uint)Page.Size));
        Assert.True(window.Commit(0, Section / (uint)Page.Size)); // what stayed, as well
        Fill(memory.Start);
        memory.End();
    }

    [Fact]
    public void Where_nothing_went_all_is_as_it_was()
    {
        var memory = new InParts();
        AddressWindow window = memory.MakeWindow();
        Assert.True(window.Commit(0, Section / (uint)Page.Size));
        memory.DecommitsLeft = 0;
        Assert.False(window.Decommit(0, Section / (uint)Page.Size));
        Fill(memory.Start);
        memory.End();
    }

    private static unsafe void Fill(nint start) => new Span<byte>((void*)start, Section).Fill(1);

    /// <summary>Gives out addresses by parts of 1 MiB only, so that a section has four.</summary>
    private sealed class InParts : TestRuntime.DecoratedMemory
    {
        public InParts()
            : base(OsMemory.Current) => Start = base.Reserve(2 * Section, Section);

        public nint Start { get; }

        public int DecommitsLeft { get; set; } = int.MaxValue;

        public override bool TryReserveAt(nint address, long bytes) => bytes <= Part;

        public override bool Decommit(nint address, long bytes) => DecommitsLeft-- > 0 && base.Decommit(address, bytes);

        public override void Unmap(nint address, long bytes)
        {
            // Parts of one reservation: it ends as a whole.
        }

        public AddressWindow MakeWindow() => new(this, new ZoneOptions(), Start, Start, Start + (2 * Section), Section, most: 2 * Section);

        public void End() => base.Unmap(Start, 2 * Section);
    }
}
