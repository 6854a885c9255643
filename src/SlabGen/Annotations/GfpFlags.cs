namespace SlabGen;

/// <summary>
/// Flags for an allocation with special needs. It may not wait (<see cref="Atomic"/>, <see cref="NoWait"/>), must not
/// fail (<see cref="NoFail"/>), should give up early (<see cref="NoRetry"/>), or needs low addresses
/// (<see cref="Dma32"/>). Calls without flags use <see cref="Kernel"/>. These are the kernel's <c>gfp_t</c>
/// (include/linux/gfp_types.h).
/// </summary>
/// <remarks>
/// A request combines one of <see cref="Kernel"/>, <see cref="Atomic"/> and <see cref="NoWait"/> with at most one zone
/// and with modifiers. Requests that contradict themselves are refused: two zones; <see cref="NoFail"/> without
/// <see cref="DirectReclaim"/>, or with <see cref="NoRetry"/>; and bits without a meaning.
/// </remarks>
[Flags]
public enum GfpFlags
{
    /// <summary>
    /// For what the program can do without. The request takes a free page of <see cref="ZoneKind.Normal"/>, and
    /// reclaims nothing.
    /// </summary>
    None = 0,

    /// <summary>For old devices: pages below 16 MiB (<c>__GFP_DMA</c>).</summary>
    Dma = 0x01,

    /// <summary>
    /// For data that is looked at now and then: pages that need not be mapped (<c>__GFP_HIGHMEM</c>).
    /// </summary>
    HighMem = 0x02,

    /// <summary>For references of 4 bytes, and devices with 32 bits: pages below 4 GiB (<c>__GFP_DMA32</c>).</summary>
    Dma32 = 0x04,

    /// <summary>
    /// For requests that matter more than others. They may use half of the reserve under the min watermark
    /// (<c>__GFP_HIGH</c>).
    /// </summary>
    HighPriority = 0x20,

    /// <summary>
    /// For pages that the caller does not overwrite completely: they come filled with zeros (<c>__GFP_ZERO</c>).
    /// </summary>
    Zero = 0x100,

    /// <summary>Lets the caller wait while memory is taken back from caches (<c>__GFP_DIRECT_RECLAIM</c>).</summary>
    DirectReclaim = 0x400,

    /// <summary>
    /// Wakes background reclaim when a zone falls under its low watermark (<c>__GFP_KSWAPD_RECLAIM</c>).
    /// </summary>
    BackgroundReclaim = 0x800,

    /// <summary>
    /// For code that cannot handle a failure. The call waits until there is memory. A request for more than the memory
    /// limit still fails, because it could never be served (<c>__GFP_NOFAIL</c>).
    /// </summary>
    NoFail = 0x8000,

    /// <summary>For requests that have a fallback: one round of reclaim, then failure (<c>__GFP_NORETRY</c>).</summary>
    NoRetry = 0x10000,

    /// <summary>
    /// For data that one node of the machine uses: pages of the requested node only (<c>__GFP_THISNODE</c>).
    /// </summary>
    ThisNode = 0x200000,

    /// <summary>The usual request: may wait, and reclaims before it fails (<c>GFP_KERNEL</c>).</summary>
    Kernel = DirectReclaim | BackgroundReclaim,

    /// <summary>
    /// For threads that must not wait and whose requests matter. May use part of the reserve (<c>GFP_ATOMIC</c>).
    /// </summary>
    Atomic = HighPriority | BackgroundReclaim,

    /// <summary>
    /// For threads that must not wait and can do without the memory. Fails as soon as no memory is free
    /// (<c>GFP_NOWAIT</c>).
    /// </summary>
    NoWait = BackgroundReclaim,

    /// <summary>As <see cref="Kernel"/>, with pages that need not be mapped (<c>GFP_HIGHUSER</c>).</summary>
    HighUser = Kernel | HighMem,
}
