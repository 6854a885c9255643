using SlabGen.Memory;

namespace SlabGen.Slabs;

// What the cache may have at most. Objects are counted, and slabs are charged, under the list lock, which makes both limits
// of the cache exact. A slab is charged from before its pages are taken until they went back; it is discharged with or
// without the lock. The account counts by itself.
internal sealed partial class CacheSlabs
{
    private long _chargedBytes; // raised under the list lock, lowered by any thread; interlocked

    public SlabAccount? Account => _options.Account;

    public Action<SlabLimitWarning>? Warning => _options.LimitWarning;

    public TimeSpan WarningInterval => _options.LimitWarningInterval;

    /// <summary>Whether there can ever be so many objects at once.</summary>
    public bool CanHave(int objects) =>
        (_options.MaxObjects == 0 || objects <= _options.MaxObjects) && (_options.MaxBytes == 0 || (long)objects * Layout.Size <= _options.MaxBytes);

    /// <summary>Whether the account can ever have room for so many objects. It takes nothing away: what the slabs have room for can be had, however low its limit is.</summary>
    public bool AccountCanHave(int objects) => Account is not { } account || (long)objects * Layout.Size <= account.Limit || objects <= Capacity;

    /// <summary>Whether a limit of the cache keeps its slabs from giving out one object more; a snapshot, without a lock.</summary>
    public bool IsAtLimit =>
        (_options.MaxObjects != 0 && InUse >= _options.MaxObjects)
        || (_options.MaxBytes != 0 && InUse >= Capacity && _leaving + _inHands == 0 && ExceedsMaxBytes((long)Page.Size << Layout.MinOrder));

    /// <summary>
    /// How many objects a thread may take into its magazine at once, of those that it would: of a cache with <see cref="SlabCacheOptions.MaxObjects"/> at most a
    /// quarter of what is left. Else the last objects lie in the magazines of a few threads, and the others must take them home for each allocation.
    /// </summary>
    public int ShareOf(int refill) => _options.MaxObjects == 0 ? refill : (int)Math.Clamp((_options.MaxObjects - InUse) / 4, 1, refill);

    /// <summary>Which limit of the cache keeps it from giving out so many objects more.</summary>
    public SlabLimit LimitMetBy(int objects)
    {
        using (_listLock.Hold())
        {
            if (WithinMaxObjects(objects) < objects)
            {
                return SlabLimit.Cache;
            }

            long lacking = objects - CountTakeable();
            long bytes = Math.Max(Page.RoundUp(lacking * Layout.Size, Page.Size), (long)Page.Size << Layout.MinOrder);
            return lacking <= 0 ? SlabLimit.None
                : ExceedsMaxBytes(bytes) ? SlabLimit.Cache
                : Account?.HasRoomFor(bytes) == false ? SlabLimit.Account
                : SlabLimit.None;
        }
    }

    /// <summary>The cache at its limit, for who wants to be warned.</summary>
    public SlabLimitWarning ToWarning()
    {
        using (_listLock.Hold())
        {
            return new SlabLimitWarning(Name, InUse, _options.MaxObjects, Volatile.Read(ref _chargedBytes), _options.MaxBytes);
        }
    }

    /// <summary>The limits and how much of them is used, for the text of an error; empty without limits.</summary>
    public string DescribeLimits()
    {
        SlabLimitWarning now = ToWarning();
        return (now.MaxObjects == 0 ? "" : $" {now.Objects} of the {now.MaxObjects} objects of SlabCacheOptions.MaxObjects are taken.")
            + (now.MaxBytes == 0 ? "" : $" Its slabs have {now.Bytes} of the {now.MaxBytes} bytes of SlabCacheOptions.MaxBytes.")
            + (Account is null ? "" : $" {Account}.");
    }

    /// <summary>Why there can never be so many objects at once, as the rest of a sentence; null when there can.</summary>
    public string? WhyNever(int objects)
    {
        long least = (long)objects * Layout.Size; // without what slabs lose
        string take = $"{objects} objects take {least} bytes, above the";
        return _options.MaxObjects != 0 && objects > _options.MaxObjects ? $"{objects} objects are asked for, of at most {_options.MaxObjects} (SlabCacheOptions.MaxObjects)"
            : _options.MaxBytes != 0 && least > _options.MaxBytes ? $"{take} {_options.MaxBytes} bytes of SlabCacheOptions.MaxBytes"
            : !AccountCanHave(objects) ? $"{take} limit of {Account}"
            : least > Pages.Limit && Capacity < objects ? $"they take {least} bytes, above the limit of {Pages.Limit} bytes"
            : null;
    }

    /// <summary>Which limit keeps the cache from giving out so many objects now, or why the runtime has no slab for them, as the rest of a sentence.</summary>
    public string WhyNoObjects(int objects) => LimitMetBy(objects) switch
    {
        SlabLimit.Cache => "that limit of the cache is reached",
        SlabLimit.Account => "the limit of the account is reached",
        _ => WhyNoSlab(objects),
    };

    /// <summary>Why the runtime has no slab for so many objects, as the rest of a sentence.</summary>
    public string WhyNoSlab(int objects)
    {
        long least = (long)objects * Layout.Size; // without what slabs lose, and what is free already
        return least > Pages.Limit && Capacity < objects
            ? $"they take {least} bytes, above the limit of {Pages.Limit} bytes"
            : Pages.WhyNoBlock(1L << Layout.MinOrder, _options.Zone, _options.Fallback);
    }

    /// <summary>The memory of the runtime is gone, and with it the slabs that were left.</summary>
    public void DischargeAll() => Account?.Discharge(Interlocked.Exchange(ref _chargedBytes, 0));

    /// <summary>Under the list lock: how many of the wanted objects the limit permits.</summary>
    private int WithinMaxObjects(int wanted) =>
        _options.MaxObjects == 0 ? wanted : (int)Math.Min(wanted, _options.MaxObjects - InUse);

    private bool ExceedsMaxBytes(long more) => _options.MaxBytes != 0 && Volatile.Read(ref _chargedBytes) + more > _options.MaxBytes;

    /// <summary>Under the list lock: before a slab is made.</summary>
    private bool TryCharge(int order)
    {
        long bytes = (long)Page.Size << order;
        if (ExceedsMaxBytes(bytes) || Account?.TryCharge(bytes) == false)
        {
            return false;
        }

        Interlocked.Add(ref _chargedBytes, bytes);
        return true;
    }

    /// <summary>After a slab went, or was not made.</summary>
    private void Discharge(int order)
    {
        long bytes = (long)Page.Size << order;
        Interlocked.Add(ref _chargedBytes, -bytes);
        Account?.Discharge(bytes);
    }
}
