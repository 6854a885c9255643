using SlabGen.Memory;

namespace SlabGen.Tests;

/// <summary>Runtimes small enough that every corner is cheap to reach.</summary>
internal static class TestRuntime
{
    /// <summary>A runtime with a limit of so many pages.</summary>
    public static SlabRuntime OfPages(int pages, bool isChecked = false, IOsMemory? memory = null) => new(new SlabRuntimeOptions
    {
        MemoryLimit = (long)pages * Page.Size,
        Processors = 1,
        Checked = isChecked,
        Memory = memory ?? OsMemory.Current,
    });

    /// <summary>A backing that lets the n-th commit fail, as a system does that has no memory left.</summary>
    public sealed class FailingMemory(IOsMemory inner) : IOsMemory
    {
        public int CommitsLeft { get; set; } = int.MaxValue;

        public string Name => "failing";

        public long MaxReservation => inner.MaxReservation;

        public nint Reserve(long bytes, long alignment) => inner.Reserve(bytes, alignment);

        public bool Commit(nint address, long bytes) => CommitsLeft-- > 0 && inner.Commit(address, bytes);

        public bool Decommits { get; set; } = true;

        public bool Decommit(nint address, long bytes) => Decommits && inner.Decommit(address, bytes);

        public bool Discard(nint address, long bytes) => inner.Discard(address, bytes);

        public void Release(nint address, long bytes) => inner.Release(address, bytes);
    }
}
