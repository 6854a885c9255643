using SlabGen.Guards;

namespace SlabGen.Slabs;

// Objects on pages of their own, beside inaccessible ones. In the counts such an object is a full slab of one object,
// which is on no list and has no pages of a zone: so limits, leaks, snapshots and the end of the id need no word about
// them.
internal sealed partial class CacheSlabs
{
    /// <summary>Takes a guarded object, if it is time for one. The caller holds no lock.</summary>
    /// <remarks>
    /// None at a limit, or when memory is short: the request is then about to fail, or to take home what others have,
    /// and is to do so as it would without guards.
    /// </remarks>
    public bool TryTakeGuarded(out nint address)
    {
        address = 0;
        if (Guards is not { } guards || IsAtLimit || IsShort || !guards.IsDue)
        {
            return false;
        }

        GuardSite site = GuardSite.Capture();
        using (_listLock.Hold())
        {
            if (_closed || Quota.WithinMaxObjects(1, InUse) < 1 || !guards.TryTake(site, out address))
            {
                return false;
            }

            _visits++;
            Capacity++;
            InUse++;
            _taken++;
            _refills++;
            _peakInUse = Math.Max(_peakInUse, InUse);
            return true;
        }
    }

    /// <summary>Notes who frees guarded objects. The caller holds no lock.</summary>
    public void NoteFree(ReadOnlySpan<nint> addresses) => Guards?.NoteFree(addresses);

    private SlabFault GiveGuarded(nint address)
    {
        GuardFault fault = Guards?.Give(address) ?? FaultOfOther(address);
        if (fault is GuardFault.None or GuardFault.Damaged)
        {
            Capacity--;
            InUse--;
        }

        return ToFault(fault);
    }

    private SlabFault CheckGuarded(nint address) => ToFault(Guards?.Check(address) ?? FaultOfOther(address));

    private void GiveAllGuarded(GuardSite? site)
    {
        int given = Guards?.GiveAll(site) ?? 0;
        Capacity -= given;
        InUse -= given;
    }

    private void ValidateGuarded(ValidationReport report, Sums sums)
    {
        int live = Guards?.Live ?? 0;
        sums.Objects += live;
        sums.InUse += live;
        foreach ((nint address, nint damage) in Guards?.FindDamage() ?? [])
        {
            report.Add($"the byte at 0x{damage:x}, beside the guarded object at 0x{address:x}, was written");
        }
    }

    /// <summary>Of a cache without guards: a guarded object there is another's.</summary>
    private static GuardFault FaultOfOther(nint address) =>
        GuardPool.Find(address) is { Size: > 0 } ? GuardFault.WrongOwner : GuardFault.Foreign;

    private static SlabFault ToFault(GuardFault fault) => fault switch
    {
        GuardFault.None => SlabFault.None,
        GuardFault.WrongOwner => SlabFault.WrongCache,
        GuardFault.Interior => SlabFault.InteriorPointer,
        GuardFault.AlreadyFree => SlabFault.DoubleFree,
        GuardFault.Damaged => SlabFault.OutOfBounds,
        _ => SlabFault.ForeignPointer,
    };
}
