namespace SlabGen;

// A cache made by hand that clears its objects, or has no magazines.
//
// The fast path asks nothing, and so must not be taken: no thread cache ever lies in the slot that it looks at. The thread caches of
// such a cache lie in slots of a second index (CacheMagazines.HiddenSlot), which the slow path alone knows.
public sealed partial class KmemCache
{
    /// <summary>Whether calls may go by the slot that the caller has.</summary>
    private bool HasFastPath => _magazines.HasMagazines && _zeroing == SlabZeroing.None;

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

    /// <summary>Before objects are given back. What is none is not written through: it is refused, or found, in the usual way.</summary>
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
