using SlabGen.Checking;
using SlabGen.Guards;
using SlabGen.Slabs;

namespace SlabGen.Caches;

// What happens to objects when their grace period has passed, beside going into the slabs.
internal sealed partial class DeferredFrees
{
    /// <summary>
    /// The objects wait no more, and go to where free ones are: in checked mode they are marked, and cleared where that
    /// is asked for. What is no object is found when it is given back.
    /// </summary>
    private unsafe void MarkFree(ReadOnlySpan<nint> addresses)
    {
        for (int i = 0; Clears && i < addresses.Length; i++)
        {
            if (_magazines.Slabs.Check(addresses[i]) == SlabFault.None)
            {
                new Span<byte>((void*)addresses[i], _magazines.Slabs.Layout.ObjectSize).Clear();
            }
        }

        if (_magazines.Slabs.States is { } states)
        {
            foreach (nint address in addresses)
            {
                if (_magazines.Slabs.Marks is not { } marks || GuardRange.Contains(address))
                {
                    states.Set(address, ObjectStates.Free);
                }
                else if (marks.FinishDeferred(address) is { } damage)
                {
                    _magazines.ThrowLater(ToError(damage, "It was found when the grace period had passed"));
                }
            }
        }
    }

    private SlabException ToError(ObjectDamage damage, string outcome)
    {
        _magazines.Slabs.TryFind(damage.Image.Object, out SlabPlace place);
        return Throw.Damaged(_magazines.Slabs, damage, place, outcome);
    }
}
