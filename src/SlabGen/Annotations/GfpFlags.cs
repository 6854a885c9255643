namespace SlabGen;

/// <summary>
/// What an allocation of pages may do and where its pages may lie: the kernel's <c>gfp_t</c> (include/linux/gfp_types.h).
/// </summary>
/// <remarks>
/// A request combines one of <see cref="Kernel"/>, <see cref="Atomic"/>, <see cref="NoWait"/>, <see cref="NoIo"/> and
/// <see cref="NoFs"/> with at most one zone and with modifiers. Requests that contradict themselves are refused:
/// two zones; <see cref="NoFail"/> without <see cref="DirectReclaim"/>, or with <see cref="NoRetry"/> or
/// <see cref="RetryMayFail"/>; and bits without a meaning.
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

    /// <summary>Accepted, and without effect: no allocation here starts input or output (<c>__GFP_IO</c>).</summary>
    Io = 0x40,

    /// <summary>Accepted, and without effect: no allocation here calls into a file system (<c>__GFP_FS</c>).</summary>
    Fs = 0x80,

    /// <summary>The pages come filled with zeros (<c>__GFP_ZERO</c>).</summary>
    Zero = 0x100,

    /// <summary>The caller may wait while memory is taken back from caches (<c>__GFP_DIRECT_RECLAIM</c>).</summary>
    DirectReclaim = 0x400,

    /// <summary>Background reclaim is woken when a zone falls under its low watermark (<c>__GFP_KSWAPD_RECLAIM</c>).</summary>
    BackgroundReclaim = 0x800,

    /// <summary>Failure is expected and not worth a report (<c>__GFP_NOWARN</c>).</summary>
    NoWarn = 0x2000,

    /// <summary>All rounds of reclaim, then failure: what every request without a modifier does (<c>__GFP_RETRY_MAYFAIL</c>).</summary>
    RetryMayFail = 0x4000,

    /// <summary>Waits until there is memory, but for more than the memory limit, which there can never be (<c>__GFP_NOFAIL</c>).</summary>
    NoFail = 0x8000,

    /// <summary>One round of reclaim, then failure (<c>__GFP_NORETRY</c>).</summary>
    NoRetry = 0x10000,

    /// <summary>Pages of the wanted node only (<c>__GFP_THISNODE</c>).</summary>
    ThisNode = 0x200000,

    /// <summary>Both kinds of reclaim (<c>__GFP_RECLAIM</c>).</summary>
    Reclaim = DirectReclaim | BackgroundReclaim,

    /// <summary>The usual request: may wait and reclaim (<c>GFP_KERNEL</c>).</summary>
    Kernel = Reclaim | Io | Fs,

    /// <summary>May not wait, and may dip into the reserve (<c>GFP_ATOMIC</c>).</summary>
    Atomic = HighPriority | BackgroundReclaim,

    /// <summary>May not wait; failure is expected (<c>GFP_NOWAIT</c>).</summary>
    NoWait = BackgroundReclaim | NoWarn,

    /// <summary>As <see cref="Kernel"/> (<c>GFP_NOIO</c>).</summary>
    NoIo = Reclaim,

    /// <summary>As <see cref="Kernel"/> (<c>GFP_NOFS</c>).</summary>
    NoFs = Reclaim | Io,

    /// <summary>As <see cref="Kernel"/>, with pages that need not be mapped (<c>GFP_HIGHUSER</c>).</summary>
    HighUser = Kernel | HighMem,
}
