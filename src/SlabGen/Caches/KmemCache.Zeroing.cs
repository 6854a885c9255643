namespace SlabGen;

// A cache made by hand that clears its objects, reuses them at random, or has no magazines. (One in checked mode is
// alike: KmemCache.Checked.)
//
// The fast path asks nothing, so such a cache must not use it: no thread cache ever lies in the slot that the fast path
// looks at. The thread caches lie in slots of a second index (CacheMagazines.HiddenSlot), which only the slow path
// knows.
public sealed partial class KmemCache
{
    /// <summary>Whether calls may use the slot that the caller has.</summary>
    private bool HasFastPath => _magazines.HasMagazines && _magazines.HiddenSlot == 0;

    private void ClearTaken(ReadOnlySpan<nint> addresses)
    {
        if (_zeroing == SlabZeroing.OnAlloc)
        {
            foreach (nint address in addresses)
            {
                Clear(address);
            }
        }
    }

    /// <summary>
    /// Clears objects before they are given back. A pointer that is no object is not written through: it is refused, or
    /// found, as usual.
    /// </summary>
    private void ClearGiven(ReadOnlySpan<nint> addresses)
    {
        if (_zeroing == SlabZeroing.OnFree)
        {
            foreach (nint address in addresses)
            {
                if (address != 0 && _slabs.Check(address) == SlabFault.None)
                {
                    Clear(address);
                }
            }
        }
    }
}
