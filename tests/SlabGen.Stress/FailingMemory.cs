using System.Diagnostics.CodeAnalysis;
using SlabGen.Memory;

namespace SlabGen.Stress;

/// <summary>An operating system that refuses memory in bursts, by commits; and pages that are not to be had, by the runtime's own fault injection.</summary>
internal sealed class FailingMemory(IOsMemory inner) : IOsMemory
{
    private long _asked;
    private int _perMille;

    /// <summary>How many of a thousand commits, and allocations of pages, fail.</summary>
    public int PerMille
    {
        set => Volatile.Write(ref _perMille, value);
    }

    public string Name => inner.Name;

    public long MaxReservation => inner.MaxReservation;

    public long ReservationGranularity => inner.ReservationGranularity;

    /// <summary>For <see cref="PageAllocator.FailPages"/>.</summary>
    public bool Fails() => Throwing.IsDue(Volatile.Read(ref _perMille), ref _asked);

    public bool Commit(nint address, long bytes) => !Fails() && inner.Commit(address, bytes);

    public nint Reserve(long bytes, long alignment) => inner.Reserve(bytes, alignment);

    public bool Decommit(nint address, long bytes) => inner.Decommit(address, bytes);

    public bool Trim(nint address, long bytes) => !Fails() && inner.Trim(address, bytes);

    public void Unmap(nint address, long bytes) => inner.Unmap(address, bytes);

    public bool TryReserveAt(nint address, long bytes) => inner.TryReserveAt(address, bytes);

    public bool TryLock(nint address, long bytes, [NotNullWhen(false)] out string? refusal) => inner.TryLock(address, bytes, out refusal);

    public bool TryUseHugePages(nint address, long bytes, HugePages huge, [NotNullWhen(false)] out string? refusal) => inner.TryUseHugePages(address, bytes, huge, out refusal);

    public bool TryBindToNode(nint address, long bytes, int node) => inner.TryBindToNode(address, bytes, node);

    public bool MakesHugePages(bool asked) => inner.MakesHugePages(asked);

    public bool TryAvoidHugePages(nint address, long bytes) => inner.TryAvoidHugePages(address, bytes);
}
