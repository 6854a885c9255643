using System.Runtime.InteropServices;
using SlabGen.CompilerServices;
using SlabGen.Guards;
using SlabGen.Slabs;

namespace SlabGen.Magazines;

// Taking objects back.
internal sealed partial class CacheMagazines
{
    /// <summary>Takes an object back, without spans, for the same reason as <see cref="TryAlloc"/>.</summary>
    /// <exception cref="SlabException">This cache could not take back the object, or one that was freed
    /// before.</exception>
    public void Free(ref ThreadCache? slot, nint address)
    {
        if ((nuint)address < (nuint)GuardRange.End || !HasMagazines)
        {
            Free(ref slot, new ReadOnlySpan<nint>(ref address));
            return;
        }

        BadPointer found = default;
        ThreadCache thread = Attach(ref slot);
        bool keeps = MayKeep(thread);
        using (thread.Gate.Hold())
        {
            ThrowIfClosed();
            thread.Settle();
            if (!keeps || GoesPastMagazines(thread))
            {
                found = Slabs.Give(new ReadOnlySpan<nint>(ref address));
            }
            else
            {
                PutOrGive(thread, address, ref found);
            }
        }

        ThrowFound(found);
    }

    /// <summary>
    /// Outside of all gates: whether the thread may keep objects here (<see cref="WholePageShare"/>).
    /// </summary>
    private bool MayKeep(ThreadCache thread) =>
        !Slabs.Layout.IsWholePages || thread.HasMagazine || WholePageShare.Current.TryMakeRoom(thread);

    private void PutOrGive(ThreadCache thread, nint address, ref BadPointer found)
    {
        while (!thread.TryFreeAnywhere(address))
        {
            if (!TryMakeRoom(thread, ref found))
            {
                // No memory for a magazine: straight to the slabs.
                found = found.Or(Slabs.Give(new ReadOnlySpan<nint>(ref address)));
                break;
            }
        }
    }

    /// <summary>Takes objects back.</summary>
    /// <exception cref="SlabException">This cache could not take back one of them, or one that was freed
    /// before.</exception>
    public unsafe void Free(ref ThreadCache? slot, ReadOnlySpan<nint> addresses)
    {
        ThrowIfClosed();
        if (addresses.Contains(0))
        {
            throw ToError(new BadPointer(SlabFault.NullPointer, 0))!.Tell(Pending);
        }

        BadPointer found = default;
        if (!HasMagazines)
        {
            found = Slabs.Give(addresses);
            if (IsClosed)
            {
                Slabs.DiscardEmpty(); // the cache was destroyed meanwhile
            }
        }
        else
        {
            ThreadCache thread = Attach(ref slot);
            bool keeps = MayKeep(thread);
            using (thread.Gate.Hold())
            {
                ThrowIfClosed();
                thread.Settle();
                addresses = GiveGuarded(addresses, ref found);
                if (!keeps || GoesPastMagazines(thread))
                {
                    found = found.Or(Slabs.Give(addresses));
                    addresses = default;
                }

                while (!addresses.IsEmpty)
                {
                    addresses = addresses[thread.Push(addresses)..];
                    if (!addresses.IsEmpty && !TryMakeRoom(thread, ref found))
                    {
                        // There is no memory for a magazine, so they go straight to the slabs.
                        found = found.Or(Slabs.Give(addresses));
                        break;
                    }
                }
            }
        }

        ThrowFound(found);
    }

    /// <summary>Gives guarded objects past all magazines, where they would be taken again without a fault.</summary>
    /// <returns>The other objects.</returns>
    private ReadOnlySpan<nint> GiveGuarded(ReadOnlySpan<nint> addresses, scoped ref BadPointer found)
    {
        if (!addresses.ContainsAnyInRange(GuardRange.Start, GuardRange.End - 1))
        {
            return addresses;
        }

        var others = new List<nint>(addresses.Length);
        foreach (nint address in addresses)
        {
            if (GuardRange.Contains(address))
            {
                found = found.Or(Slabs.Give(new ReadOnlySpan<nint>(in address)));
            }
            else
            {
                others.Add(address);
            }
        }

        return CollectionsMarshal.AsSpan(others);
    }
}
