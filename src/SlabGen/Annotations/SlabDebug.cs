namespace SlabGen;

/// <summary>
/// What a cache does to find misuse, each with its letter in <c>SLABGEN_DEBUG</c> (the kernel's <c>slab_debug</c>).
/// Any of them looks at each pointer that is freed (<see cref="Checks"/>), because the others write only where an
/// object lies.
/// </summary>
[Flags]
public enum SlabDebug
{
    /// <summary>Nothing; <c>-</c>.</summary>
    None = 0,

    /// <summary>
    /// <c>F</c>: looks at each pointer that is freed, at the call (<c>SLAB_CONSISTENCY_CHECKS</c>). Alone it takes no
    /// lock and keeps magazines; this is checked mode. The others take a lock of the cache in each call.
    /// </summary>
    Checks = 1,

    /// <summary>
    /// <c>Z</c>: bytes on both sides of each object, which nobody may write: <c>0xcc</c> while it is live, <c>0xbb</c>
    /// while it is free (<c>SLAB_RED_ZONE</c>). They are looked at when the object is freed.
    /// </summary>
    RedZones = 2,

    /// <summary>
    /// <c>P</c>: a free object holds <c>0x6b</c>, and <c>0xa5</c> at its end (<c>SLAB_POISON</c>). They are looked at
    /// when the object is taken, and when its slab goes. Not for caches with a constructor, whose objects stay
    /// constructed, nor for those with <see cref="SlabCacheOptions.TypeSafeByRcu"/>, as in the kernel.
    /// </summary>
    Poison = 4,

    /// <summary>
    /// <c>U</c>: who allocated and who freed each object, with thread, time and stack (<c>SLAB_STORE_USER</c>). A stack
    /// costs some ten microseconds in each call. Stacks that are alike are kept once, and so many at most.
    /// </summary>
    Users = 8,

    /// <summary>
    /// <c>T</c>: a line for each allocation and each free, to <see cref="SlabRuntime.TraceWriter"/>
    /// (<c>SLAB_TRACE</c>). It is for few caches, by name.
    /// </summary>
    Trace = 16,

    /// <summary>
    /// <c>Q</c>, which the kernel has in KASAN: what is freed waits before anyone gets it again
    /// (<see cref="SlabCacheOptions.QuarantineBytes"/>), with poison, which is looked at when it leaves. So a write
    /// through an old pointer hurts nobody for a while, and is found.
    /// </summary>
    Quarantine = 32,

    /// <summary><c>FZPU</c>, which names of caches without a letter stand for.</summary>
    Full = Checks | RedZones | Poison | Users,
}
