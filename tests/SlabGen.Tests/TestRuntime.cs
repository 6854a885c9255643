using System.Diagnostics.CodeAnalysis;
using SlabGen.Memory;
using SlabGen.Reclaim;
using SlabGen.Zones;

namespace SlabGen.Tests;

/// <summary>Runtimes small enough that every corner is cheap to reach.</summary>
internal static class TestRuntime
{
    // What the machine goes through meanwhile is not a test's affair.
    public static readonly PressureMonitor NoPressure = new([], Timeout.InfiniteTimeSpan);

    /// <summary>A runtime with a limit of so many pages.</summary>
    public static SlabRuntime OfPages(int pages, bool isChecked = false, IOsMemory? memory = null) => new(new SlabRuntimeOptions
    {
        MemoryLimit = (long)pages * Page.Size,
        Processors = 1,
        MinFreeBytes = 0,
        ReapInterval = Timeout.InfiniteTimeSpan,
        Pressure = NoPressure,
        Checked = isChecked,
        Memory = memory ?? OsMemory.Current,
    });

    /// <summary>A runtime as users have it, where no interval ends meanwhile, however long the test takes: what then lies idle would go.</summary>
    public static SlabRuntime AsUsual() => new(new SlabRuntimeOptions { ReapInterval = Timeout.InfiniteTimeSpan, Pressure = NoPressure });

    /// <summary>Every invariant of the runtime holds.</summary>
    public static void CheckHealth(SlabRuntime runtime)
    {
        ValidationReport report = runtime.Validate();
        Assert.True(report.IsClean, report.ToString());
    }

    /// <summary>A zone alone, without a runtime.</summary>
    public static Zone NewZone(uint pages, IOsMemory? memory = null)
    {
        memory ??= OsMemory.Current;
        var window = new AddressWindow(memory, new ZoneOptions(), pages, PageAllocator.LargestBlock);
        return new Zone(ZoneKind.Normal, node: 0, window, memory, new MemoryBudget(pages), pages, processors: 1);
    }

    /// <summary>A backing that does what another does, except where a test says otherwise.</summary>
    public abstract class DecoratedMemory(IOsMemory inner) : IOsMemory
    {
        public virtual string Name => inner.Name;

        public virtual long MaxReservation => inner.MaxReservation;

        public virtual nint Reserve(long bytes, long alignment) => inner.Reserve(bytes, alignment);

        public virtual bool Commit(nint address, long bytes) => inner.Commit(address, bytes);

        public virtual bool Decommit(nint address, long bytes) => inner.Decommit(address, bytes);

        public virtual bool Trim(nint address, long bytes) => inner.Trim(address, bytes);

        public virtual void Unmap(nint address, long bytes) => inner.Unmap(address, bytes);

        public virtual long ReservationGranularity => inner.ReservationGranularity;

        public virtual bool TryReserveAt(nint address, long bytes) => inner.TryReserveAt(address, bytes);

        public virtual bool TryLock(nint address, long bytes, [NotNullWhen(false)] out string? refusal) =>
            inner.TryLock(address, bytes, out refusal);

        public virtual bool TryUseHugePages(nint address, long bytes, HugePages huge, [NotNullWhen(false)] out string? refusal) =>
            inner.TryUseHugePages(address, bytes, huge, out refusal);

        public virtual bool MakesHugePages(bool asked) => inner.MakesHugePages(asked);

        public virtual bool TryAvoidHugePages(nint address, long bytes) => inner.TryAvoidHugePages(address, bytes);

        public virtual bool TryBindToNode(nint address, long bytes, int node) => inner.TryBindToNode(address, bytes, node);
    }

    /// <summary>A backing that lets the n-th commit fail, as a system does that has no memory left.</summary>
    public sealed class FailingMemory(IOsMemory inner) : DecoratedMemory(inner)
    {
        public int CommitsLeft { get; set; } = int.MaxValue;

        public bool Decommits { get; set; } = true;

        public int ReservesLeft { get; set; } = int.MaxValue;

        /// <summary>Ranges that may still be locked.</summary>
        public int LocksLeft { get; set; } = int.MaxValue;

        public override nint Reserve(long bytes, long alignment) => ReservesLeft-- > 0 ? base.Reserve(bytes, alignment) : 0;

        public override bool Commit(nint address, long bytes) => CommitsLeft-- > 0 && base.Commit(address, bytes);

        public override bool Decommit(nint address, long bytes) => Decommits && base.Decommit(address, bytes);

        public override bool TryLock(nint address, long bytes, [NotNullWhen(false)] out string? refusal)
        {
            refusal = "the test's limit of locked memory is reached";
            return LocksLeft-- > 0 && base.TryLock(address, bytes, out refusal);
        }
    }
}
