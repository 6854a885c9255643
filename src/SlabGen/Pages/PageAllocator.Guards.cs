using SlabGen.Guards;

namespace SlabGen;

// Objects on pages of their own.
public sealed partial class PageAllocator
{
    /// <summary>Why objects of the runtime are not guarded, though its options say so; else null.</summary>
    internal string? GuardRefusal => _options.Guards?.Refusal;

    /// <summary>
    /// Says when to guard an object of a cache whose slabs lie in a zone; null for never. Locked memory is all locked,
    /// and guards are not.
    /// </summary>
    internal GuardSampler? GuardsFor(ZoneKind zone)
    {
        ZoneOptions options = zone switch
        {
            ZoneKind.Dma => _options.Dma,
            ZoneKind.Dma32 => _options.Dma32,
            _ => _options.Normal,
        };
        return options.Pinning == Pinning.None ? _options.Guards : null;
    }
}
