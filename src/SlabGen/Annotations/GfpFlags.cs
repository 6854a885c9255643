namespace SlabGen;

/// <summary>
/// What an allocation of pages may do and where its pages may lie: the kernel's <c>gfp_t</c> (include/linux/gfp_types.h).
/// </summary>
/// <remarks>
/// A request combines one of <see cref="Kernel"/>, <see cref="Atomic"/> and <see cref="NoWait"/> with at most one zone and with modifiers.
/// Requests that contradict themselves are refused: two zones; <see cref="NoFail"/> without <see cref="DirectReclaim"/>, or with
/// <see cref="NoRetry"/>; and bits without a meaning.
/// </remarks>
[Flags]
public enum GfpFlags
{
    /// <summary>Pages of <see cref="ZoneKind.Normal"/>, without reclaim of any kind.</summary>
    None = 0,

    /// <summary>Pages below 16 MiB (<c>__GFP_DMA</c>).</summary>
    Dma = 0x01,

    /// <summary>Pages that need not be mapped (<c>__GFP_HIGHMEM</c>).</summary>
    HighMem = 0x02,

    /// <summary>Pages below 4 GiB (<c>__GFP_DMA32</c>).</summary>
    Dma32 = 0x04,

    /// <summary>May use half of the reserve under the min watermark (<c>__GFP_HIGH</c>).</summary>
    HighPriority = 0x20,

    /// <summary>The pages come filled with zeros (<c>__GFP_ZERO</c>).</summary>
    Zero = 0x100,

    /// <summary>The caller may wait while memory is taken back from caches (<c>__GFP_DIRECT_RECLAIM</c>).</summary>
    DirectReclaim = 0x400,

    /// <summary>Background reclaim is woken when a zone falls under its low watermark (<c>__GFP_KSWAPD_RECLAIM</c>).</summary>
    BackgroundReclaim = 0x800,

    /// <summary>Waits until there is memory, but for more than the memory limit, which there can never be (<c>__GFP_NOFAIL</c>).</summary>
    NoFail = 0x8000,

    /// <summary>One round of reclaim, then failure (<c>__GFP_NORETRY</c>).</summary>
    NoRetry = 0x10000,

    /// <summary>Pages of the wanted node only (<c>__GFP_THISNODE</c>).</summary>
    ThisNode = 0x200000,

    /// <summary>The usual request: may wait and reclaim (<c>GFP_KERNEL</c>).</summary>
    Kernel = DirectReclaim | BackgroundReclaim,

    /// <summary>May not wait, and may dip into the reserve (<c>GFP_ATOMIC</c>).</summary>
    Atomic = HighPriority | BackgroundReclaim,

    /// <summary>May not wait; failure is expected (<c>GFP_NOWAIT</c>).</summary>
    NoWait = BackgroundReclaim,

    /// <summary>As <see cref="Kernel"/>, with pages that need not be mapped (<c>GFP_HIGHUSER</c>).</summary>
    HighUser = Kernel | HighMem,
}
