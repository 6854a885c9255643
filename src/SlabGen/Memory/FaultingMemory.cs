using System.Diagnostics.CodeAnalysis;

namespace SlabGen.Memory;

/// <summary>The system as a runtime sees it: it refuses what <see cref="SlabFaults"/> says.</summary>
internal sealed class FaultingMemory(IOsMemory inner, SlabFaults faults) : IOsMemory
{
    public string Name => inner.Name;

    public long MaxReservation => inner.MaxReservation;

    public long ReservationGranularity => inner.ReservationGranularity;

    public nint Reserve(long bytes, long alignment) => inner.Reserve(bytes, alignment);

    public bool Commit(nint address, long bytes) =>
        !faults.Fails(FaultPoint.Commit) && inner.Commit(address, bytes);

    public bool Decommit(nint address, long bytes) =>
        !faults.Fails(FaultPoint.Madvise) && inner.Decommit(address, bytes);

    public bool Trim(nint address, long bytes) =>
        !faults.Fails(FaultPoint.Madvise) && inner.Trim(address, bytes);

    public void Unmap(nint address, long bytes) => inner.Unmap(address, bytes);

    public bool TryReserveAt(nint address, long bytes) => inner.TryReserveAt(address, bytes);

    public bool TryLock(nint address, long bytes, [NotNullWhen(false)] out string? refusal)
    {
        refusal = $"SlabFaults refused to lock {bytes} bytes: {nameof(FaultPoint.Mlock)} is injected";
        return !faults.Fails(FaultPoint.Mlock) && inner.TryLock(address, bytes, out refusal);
    }

    public bool TryUseHugePages(nint address, long bytes, HugePages huge, [NotNullWhen(false)] out string? refusal)
    {
        refusal = $"SlabFaults refused huge pages for {bytes} bytes: {nameof(FaultPoint.Madvise)} is injected";
        return (huge != HugePages.Transparent || !faults.Fails(FaultPoint.Madvise))
            && inner.TryUseHugePages(address, bytes, huge, out refusal);
    }

    public bool MakesHugePages(bool asked) => inner.MakesHugePages(asked);

    public bool TryAvoidHugePages(nint address, long bytes) =>
        !faults.Fails(FaultPoint.Madvise) && inner.TryAvoidHugePages(address, bytes);

    public bool TryBindToNode(nint address, long bytes, int node) => inner.TryBindToNode(address, bytes, node);
}
