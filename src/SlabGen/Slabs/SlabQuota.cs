using SlabGen.Memory;

namespace SlabGen.Slabs;

/// <summary>What a cache may have at most. The account that it shares with others counts by itself.</summary>
/// <remarks>
/// Objects are counted, and slabs are charged, under the list lock of the cache, which makes both limits of the cache exact. A slab is
/// charged from before its pages are taken until they went back; it is discharged with or without the lock.
/// </remarks>
internal sealed class SlabQuota(string name, SlabLayout layout, SlabCacheOptions options)
{
    private long _chargedBytes; // raised under the list lock, lowered by any thread; interlocked

    public SlabAccount? Account => options.Account;

    public Action<SlabLimitWarning>? Warning => options.LimitWarning;

    public TimeSpan WarningInterval => options.LimitWarningInterval;

    /// <summary>Whether there can ever be so many objects at once.</summary>
    public bool CanHave(int objects) =>
        (options.MaxObjects == 0 || objects <= options.MaxObjects) && (options.MaxBytes == 0 || (long)objects * layout.Size <= options.MaxBytes);

    /// <summary>Whether so many objects are all that there may be.</summary>
    public bool IsAtMaxObjects(long inUse) => options.MaxObjects != 0 && inUse >= options.MaxObjects;

    /// <summary>Whether there is no room for the least slab; <see langword="false"/> without a limit.</summary>
    public bool IsAtMaxBytes => ExceedsMaxBytes((long)Page.Size << layout.MinOrder);

    public bool ExceedsMaxBytes(long more) => options.MaxBytes != 0 && Volatile.Read(ref _chargedBytes) + more > options.MaxBytes;

    /// <summary>
    /// How many objects a thread may take into its magazine at once, of those that it would: of a cache with <see cref="SlabCacheOptions.MaxObjects"/> at most a
    /// quarter of what is left. Else the last objects lie in the magazines of a few threads, and the others must take them home for each allocation.
    /// </summary>
    public int ShareOf(int refill, long inUse) => options.MaxObjects == 0 ? refill : (int)Math.Clamp((options.MaxObjects - inUse) / 4, 1, refill);

    /// <summary>Under the list lock: how many of the wanted objects the limit permits.</summary>
    public int WithinMaxObjects(int wanted, long inUse) =>
        options.MaxObjects == 0 ? wanted : (int)Math.Min(wanted, options.MaxObjects - inUse);

    /// <summary>Under the list lock: before a slab is made.</summary>
    public bool TryCharge(int order)
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
    public void Discharge(int order)
    {
        long bytes = (long)Page.Size << order;
        Interlocked.Add(ref _chargedBytes, -bytes);
        Account?.Discharge(bytes);
    }

    /// <summary>The memory of the runtime is gone, and with it the slabs that were left.</summary>
    public void DischargeAll() => Account?.Discharge(Interlocked.Exchange(ref _chargedBytes, 0));

    /// <summary>The cache at its limit, for who wants to be warned.</summary>
    public SlabLimitWarning ToWarning(long inUse) => new(name, inUse, options.MaxObjects, Volatile.Read(ref _chargedBytes), options.MaxBytes);
}
