using SlabGen.Memory;

namespace SlabGen.Checking;

/// <summary>
/// The marks of the objects of one cache with letters: red zones, poison and tracks (<see cref="MarkedLayout"/>). Every
/// object that changes hands comes by here.
/// </summary>
/// <remarks>
/// <para><b>Lock.</b> <see cref="_lock"/>, a leaf, covers the state of an object (<see cref="ObjectStates"/>) and its
/// marks together. So whoever walks the objects meanwhile, to validate, sees both as one. It is the lock that such a
/// cache takes in each call.</para>
/// <para><b>Invariants.</b> The marks of an object that is <see cref="ObjectStates.Free"/> are those of
/// <see cref="MarkedLayout.Free"/>; of any other <see cref="MarkedLayout.Live"/>. What breaks that is the program's
/// write, and is found by who changes the object's state, who discards its slab, and who validates. The first two
/// repair it, because the marks must be right for the next one.</para>
/// <para>Guarded objects have no marks here: their pages have.</para>
/// </remarks>
internal sealed unsafe class ObjectMarks(MarkedLayout layout, ObjectStates states)
{
    private const int MostFound = 64;

    private readonly UninterruptibleLock _lock = new();

    public MarkedLayout Layout => layout;

    /// <summary>Who calls, if that is to be kept. The caller holds no lock.</summary>
    public TrackSite Here() => layout.Has(SlabDebug.Users) ? TrackSite.Here() : default;

    /// <summary>Marks a free object live, before it is handed out.</summary>
    /// <param name="address">The object.</param>
    /// <param name="who">From <see cref="Here"/>.</param>
    /// <param name="damage">What was written over. Then it is repaired, and free as before.</param>
    /// <returns><see langword="false"/> when it is not free.</returns>
    public bool TryTake(nint address, TrackSite who, out ObjectDamage? damage)
    {
        damage = null;
        using (_lock.Hold())
        {
            if (!states.TryTake(address))
            {
                return false;
            }

            damage = Find(address, isFree: true);
            if (damage is null)
            {
                Write(address, isFree: false);
                Note(address, 0, who);
            }
            else
            {
                Write(address, isFree: true);
                states.Set(address, ObjectStates.Free);
            }

            return true;
        }
    }

    /// <summary>Marks a live object free, before it goes where free ones are.</summary>
    /// <param name="address">The pointer.</param>
    /// <param name="who">From <see cref="Here"/>.</param>
    /// <param name="damage">What was written over; it is repaired.</param>
    /// <returns>What is wrong with the pointer. Then nothing was done.</returns>
    public SlabFault Free(nint address, TrackSite who, out ObjectDamage? damage) =>
        End(address, ObjectStates.Free, who, out damage);

    /// <summary>Marks a live object as one that waits for a grace period: readers still see what it holds.</summary>
    /// <inheritdoc cref="Free"/>
    public SlabFault Defer(nint address, TrackSite who, out ObjectDamage? damage) =>
        End(address, ObjectStates.Waiting, who, out damage);

    /// <summary>An object waits no more: it is free.</summary>
    public ObjectDamage? FinishDeferred(nint address)
    {
        using (_lock.Hold())
        {
            ObjectDamage? damage = Find(address, isFree: false);
            Write(address, isFree: true);
            states.Set(address, ObjectStates.Free);
            return damage;
        }
    }

    /// <summary>Looks at a free object on its way, and repairs it.</summary>
    public ObjectDamage? LookAtFree(nint address)
    {
        using (_lock.Hold())
        {
            ObjectDamage? damage = Find(address, isFree: true);
            if (damage is not null)
            {
                Write(address, isFree: true);
            }

            return damage;
        }
    }

    /// <summary>An object that was taken goes back unused, or one that could not be taken back is live again.</summary>
    public void Undo(nint address, bool isFree)
    {
        using (_lock.Hold())
        {
            Write(address, isFree);
            states.Set(address, isFree ? ObjectStates.Free : ObjectStates.Live);
        }
    }

    /// <summary>The objects of a slab are all free: it is new, or was emptied. Under the list lock.</summary>
    public void Begin(nint memory, int objects)
    {
        using (_lock.Hold())
        {
            for (; objects > 0; objects--, memory += layout.Size)
            {
                if (layout.Has(SlabDebug.Users))
                {
                    new Span<TrackSite>((void*)(memory + layout.TrackStart), MarkedLayout.Tracks).Clear();
                }

                Write(memory, isFree: true);
            }
        }
    }

    /// <summary>Calls for everything of an object that was written over, and repairs nothing.</summary>
    public void Validate(nint address, Action<ObjectDamage> found)
    {
        using (_lock.Hold())
        {
            bool isFree = states.Of(address) == ObjectStates.Free;
            foreach (MarkedRegion region in isFree ? layout.Free : layout.Live)
            {
                if (Find(address, region, isFree) is { } damage)
                {
                    found(damage);
                }
            }
        }
    }

    /// <summary>A copy of an object and its marks. Whoever asks knows that its slab stays.</summary>
    public ObjectImage Copy(nint address)
    {
        using (_lock.Hold())
        {
            return new ObjectImage(layout, address);
        }
    }

    private SlabFault End(nint address, byte state, TrackSite who, out ObjectDamage? damage)
    {
        damage = null;
        using (_lock.Hold())
        {
            SlabFault fault = states.Check(address);
            if (fault == SlabFault.None)
            {
                damage = Find(address, isFree: false);
                Write(address, isFree: state == ObjectStates.Free);
                Note(address, 1, who);
                states.Set(address, state);
            }

            return fault;
        }
    }

    private ObjectDamage? Find(nint address, bool isFree)
    {
        foreach (MarkedRegion region in isFree ? layout.Free : layout.Live)
        {
            if (Find(address, region, isFree) is { } damage)
            {
                return damage;
            }
        }

        return null;
    }

    private ObjectDamage? Find(nint address, MarkedRegion region, bool isFree)
    {
        ReadOnlySpan<byte> bytes = Span(address, region);
        int first = bytes.IndexOfAnyExcept(region.Value);
        if (first < 0)
        {
            return null;
        }

        int last = bytes.LastIndexOfAnyExcept(region.Value);
        byte[] found = bytes[first..(Math.Min(last, first + MostFound - 1) + 1)].ToArray();
        return new ObjectDamage(region, address + region.Start + first, found, isFree,
            new ObjectImage(layout, address));
    }

    private void Write(nint address, bool isFree)
    {
        foreach (MarkedRegion region in isFree ? layout.Free : layout.Live)
        {
            Span(address, region).Fill(region.Value);
        }
    }

    private void Note(nint address, int which, TrackSite who)
    {
        if (layout.Has(SlabDebug.Users))
        {
            var tracks = (TrackSite*)(address + layout.TrackStart);
            tracks[which] = who;
            tracks[1] = which == 0 ? default : tracks[1]; // of the one before
        }
    }

    private static Span<byte> Span(nint address, MarkedRegion region) =>
        new((void*)(address + region.Start), region.Stop - region.Start);
}
