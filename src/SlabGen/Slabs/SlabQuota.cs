using SlabGen.Memory;

namespace SlabGen.Slabs;

/// <summary>The limits of a cache of its own. The account that it shares with others counts by itself.</summary>
/// <remarks>
/// Objects are counted, and slabs are charged, under the list lock of the cache. That makes both limits of the cache
/// exact. A slab is charged from before its pages are taken until after they went back. It is discharged with or
/// without the lock.
/// </remarks>
internal sealed class SlabQuota(string name, SlabLayout layout, SlabCacheOptions options)
{
    private long _chargedBytes; // raised under the list lock, lowered by any thread; interlocked

    public SlabAccount? Account => options.Account;

    public Action<SlabLimitWarning>? Warning => options.LimitWarning;

    public TimeSpan WarningInterval => options.LimitWarningInterval;

    /// <summary>Whether this many objects can ever exist at once.</summary>
    public bool CanHave(int objects) =>
        (options.MaxObjects == 0 || objects <= options.MaxObjects)
            && (options.MaxBytes == 0 || (long)objects * layout.Size <= options.MaxBytes);

    /// <summary>Whether this many objects in use reach the limit.</summary>
    public bool IsAtMaxObjects(long inUse) => options.MaxObjects != 0 && inUse >= options.MaxObjects;

    /// <summary>Whether there is no room for the smallest slab; <see langword="false"/> without a limit.</summary>
    public bool IsAtMaxBytes => ExceedsMaxBytes(layout.BytesIn(layout.MinOrder));

    public bool ExceedsMaxBytes(long more) =>
        options.MaxBytes != 0 && Volatile.Read(ref _chargedBytes) + more > options.MaxBytes;

    /// <summary>
    /// How many of the objects that a thread would take into its magazine it may take at once. In a cache with
    /// <see cref="SlabCacheOptions.MaxObjects"/> it is at most a quarter of what is left. Otherwise the last objects
    /// would lie in the magazines of a few threads, and the other threads would have to take them home for each
    /// allocation.
    /// </summary>
    public int ShareOf(int refill, long inUse) =>
        options.MaxObjects == 0 ? refill : (int)Math.Clamp((options.MaxObjects - inUse) / 4, 1, refill);

    /// <summary>Under the list lock: the number of wanted objects that the limit permits.</summary>
    public int WithinMaxObjects(int wanted, long inUse) =>
        options.MaxObjects == 0 ? wanted : (int)Math.Min(wanted, options.MaxObjects - inUse);

    /// <summary>Under the list lock: charges a slab before it is made.</summary>
    public bool TryCharge(int order)
    {
        long bytes = layout.BytesIn(order);
        if (ExceedsMaxBytes(bytes) || Account?.TryCharge(bytes) == false)
        {
            return false;
        }

        Interlocked.Add(ref _chargedBytes, bytes);
        return true;
    }

    /// <summary>Discharges a slab that went, or was not made.</summary>
    public void Discharge(int order)
    {
        long bytes = layout.BytesIn(order);
        Interlocked.Add(ref _chargedBytes, -bytes);
        Account?.Discharge(bytes);
    }

    /// <summary>Discharges the slabs that were left when the memory of the runtime went.</summary>
    public void DischargeAll() => Account?.Discharge(Interlocked.Exchange(ref _chargedBytes, 0));

    /// <summary>Describes the cache at its limit, for a warning.</summary>
    public SlabLimitWarning ToWarning(long inUse) =>
        new(name, inUse, options.MaxObjects, Volatile.Read(ref _chargedBytes), options.MaxBytes);
}
