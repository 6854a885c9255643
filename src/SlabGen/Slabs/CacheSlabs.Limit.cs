using SlabGen.Memory;
using SlabGen.Pages;

namespace SlabGen.Slabs;

// How near the cache is to its limits.
internal sealed partial class CacheSlabs
{
    /// <summary>
    /// Whether the account can ever have room for this many objects. A low limit takes nothing away: objects that the
    /// existing slabs have room for can always be had.
    /// </summary>
    public bool AccountCanHave(int objects) =>
        Quota.Account is not { } account || (long)objects * Layout.Size <= account.Limit || objects <= Capacity;

    /// <summary>
    /// Whether the runtime or the account refused a request some moments ago: then what is free goes into the slabs at
    /// once, and empty slabs go.
    /// </summary>
    public bool IsShort => Pages.Shortage.IsNow || Quota.Account?.Shortage.IsNow == true;

    /// <summary>
    /// Something of the cache may be free from now on that its slabs do not have, or pages that nobody needs: a search
    /// for memory would find it.
    /// </summary>
    public void Stir()
    {
        Pages.Shortage.Stir();
        Quota.Account?.Shortage.Stir();
    }

    /// <summary>
    /// Whether a limit of the cache keeps its slabs from giving out one object more; a snapshot, without a lock.
    /// </summary>
    public bool IsAtLimit =>
        Quota.IsAtMaxObjects(InUse) || (InUse >= Capacity && !_detached.Any && Quota.IsAtMaxBytes);

    /// <summary>
    /// Whether at one moment no slab had a free object, nor an account room for one more slab; without a lock.
    /// </summary>
    public bool IsFullWithin(SlabAccount account)
    {
        long visits = Visits;
        bool isFull = InUse >= Capacity && !account.HasRoomFor(Layout.BytesIn(Layout.MinOrder));
        Volatile.ReadBarrier(); // all of that was read before it is asked whether it was one moment
        return isFull && visits == Visits;
    }

    /// <summary>Which limit of the cache keeps it from giving out so many objects more.</summary>
    public SlabLimit LimitMetBy(int objects)
    {
        using (_listLock.Hold())
        {
            if (Quota.WithinMaxObjects(objects, InUse) < objects)
            {
                return SlabLimit.Cache;
            }

            long lacking = objects - CountTakeable();
            long bytes = Math.Max(Page.RoundUp(lacking * Layout.Size, Page.Size), Layout.BytesIn(Layout.MinOrder));
            return lacking <= 0 ? SlabLimit.None
                : Quota.ExceedsMaxBytes(bytes) ? SlabLimit.Cache
                : Quota.Account?.HasRoomFor(bytes) == false ? SlabLimit.Account
                : SlabLimit.None;
        }
    }

    /// <summary>Describes the cache at its limit, for a warning.</summary>
    public SlabLimitWarning ToWarning()
    {
        using (_listLock.Hold())
        {
            return Quota.ToWarning(InUse);
        }
    }

    /// <summary>
    /// Describes the limits and how much of them is used, for the text of an error. Empty without limits.
    /// </summary>
    public string DescribeLimits()
    {
        SlabLimitWarning now = ToWarning();
        return (now.MaxObjects == 0 ? "" : $" {now.Objects} of the {now.MaxObjects} objects of SlabCacheOptions.MaxObjects are taken.")
            + (now.MaxBytes == 0 ? "" : $" Its slabs have {now.Bytes} of the {now.MaxBytes} bytes of SlabCacheOptions.MaxBytes.")
            + (Quota.Account is null ? "" : $" {Quota.Account}.");
    }

    /// <summary>Why this many objects can never exist at once, as the rest of a sentence; null when they can.</summary>
    public string? WhyNever(int objects)
    {
        long least = (long)objects * Layout.Size; // without the waste in slabs
        string take = $"{objects} objects take {least} bytes, above the";
        return _options.MaxObjects != 0 && objects > _options.MaxObjects ? $"{objects} objects are asked for, of at most {_options.MaxObjects} (SlabCacheOptions.MaxObjects)"
            : _options.MaxBytes != 0 && least > _options.MaxBytes ? $"{take} {_options.MaxBytes} bytes of SlabCacheOptions.MaxBytes"
            : !AccountCanHave(objects) ? $"{take} limit of {Quota.Account}"
            : least > Pages.Limit && Capacity < objects ? $"they take {least} bytes, above the limit of {Pages.Limit} bytes"
            : null;
    }

    /// <summary>
    /// Why this many objects cannot be given out now, as the rest of a sentence: a limit of the cache, or a runtime
    /// that has no slab for them.
    /// </summary>
    public string WhyNoObjects(int objects) => LimitMetBy(objects) switch
    {
        SlabLimit.Cache => "that limit of the cache is reached",
        SlabLimit.Account => "the limit of the account is reached",
        _ => WhyNoSlab(objects),
    };

    /// <summary>Why the runtime has no slab for this many objects, as the rest of a sentence.</summary>
    public string WhyNoSlab(int objects)
    {
        long least = (long)objects * Layout.Size; // without the waste in slabs and what is free already
        return least > Pages.Limit && Capacity < objects
            ? $"they take {least} bytes, above the limit of {Pages.Limit} bytes"
            : Pages.WhyNoBlock(new PageRequest(Layout.PagesIn(Layout.MinOrder), _options.Zone, _options.Fallback)
                { IsSlab = true });
    }
}
