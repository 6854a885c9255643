using SlabGen.CompilerServices;
using SlabGen.Slabs;

namespace SlabGen.Magazines;

// Objects that come back.
internal sealed partial class CacheMagazines
{
    /// <summary>Takes an object back. As <see cref="TryAlloc"/>, without spans.</summary>
    /// <exception cref="SlabException">It, or one of those freed before, was not this cache's to take back.</exception>
    public void Free(ref ThreadCache? slot, nint address)
    {
        if (address == 0 || !HasMagazines)
        {
            Free(ref slot, new ReadOnlySpan<nint>(ref address));
            return;
        }

        BadPointer found = default;
        ThreadCache thread = Attach(ref slot);
        using (thread.Gate.Hold())
        {
            ThrowIfClosed();
            thread.Settle();
            if (GoesPastMagazines(thread))
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

    private void PutOrGive(ThreadCache thread, nint address, ref BadPointer found)
    {
        while (!thread.TryFree(address))
        {
            if (!TryMakeRoom(thread, ref found))
            {
                found = found.Or(Slabs.Give(new ReadOnlySpan<nint>(ref address))); // no memory for a magazine: straight to the slabs
                break;
            }
        }
    }

    /// <summary>Takes objects back.</summary>
    /// <exception cref="SlabException">One of them, or of those freed before, was not this cache's to take back.</exception>
    public unsafe void Free(ref ThreadCache? slot, ReadOnlySpan<nint> addresses)
    {
        ThrowIfClosed();
        if (addresses.Contains(0))
        {
            throw ToError(new BadPointer(SlabFault.NullPointer, 0))!;
        }

        BadPointer found = default;
        if (!HasMagazines)
        {
            found = GiveChecked(addresses);
            if (IsClosed)
            {
                Slabs.DiscardEmpty(); // destroyed meanwhile
            }
        }
        else
        {
            ThreadCache thread = Attach(ref slot);
            using (thread.Gate.Hold())
            {
                ThrowIfClosed();
                thread.Settle();
                if (GoesPastMagazines(thread))
                {
                    found = Slabs.Give(addresses);
                    addresses = default;
                }

                while (!addresses.IsEmpty)
                {
                    addresses = addresses[thread.Push(addresses)..];
                    if (!addresses.IsEmpty && !TryMakeRoom(thread, ref found))
                    {
                        found = found.Or(Slabs.Give(addresses)); // no memory for a magazine: straight to the slabs
                        break;
                    }
                }
            }
        }

        ThrowFound(found);
    }

    /// <summary>Checked mode: whether a live handle refers to an object, which is then to be freed by that.</summary>
    public bool IsHeldByHandle(nint address) => _handles.Holds(address);

    /// <summary>
    /// Checked mode: one by one, past those that wait for a grace period, which are not the caller's any more, and those that a handle refers to: the
    /// handle would stay live, and later free what has the address then.
    /// </summary>
    private BadPointer GiveChecked(ReadOnlySpan<nint> addresses)
    {
        BadPointer found = default;
        foreach (nint address in addresses)
        {
            found = found.Or(Deferred!.IsWaiting(address) ? new BadPointer(SlabFault.DoubleFree, address)
                : _handles.Holds(address) ? new BadPointer(SlabFault.HasHandle, address)
                : Slabs.Give(new ReadOnlySpan<nint>(in address)));
        }

        return found;
    }
}
