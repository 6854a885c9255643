using Microsoft.CodeAnalysis;

namespace SlabGen.Generators;

/// <summary>An option that another option, or the size of the struct, rules out.</summary>
/// <param name="Option">The option to change.</param>
/// <param name="Why">What is wrong with it, to follow "Option of the slab cache of 'Order'".</param>
internal sealed record OptionConflict(string Option, string Why)
{
    /// <summary>The first conflict; null when all options fit together on some machine.</summary>
    public static OptionConflict? Find(INamedTypeSymbol type, SlabCacheArguments arguments)
    {
        if (arguments.RandomSeed != 0 && !arguments.RandomOrder)
        {
            return new(CacheOptions.RandomSeed, "has no effect without RandomOrder");
        }

        if (arguments.IsFast && arguments.HasLetters)
        {
            return new(CacheOptions.Debug, "cannot be combined with Mode = Fast: each of its letters checks the pointers that are freed");
        }

        // slab_want_init_on_alloc and slab_want_init_on_free (mm/slab.h) leave such caches out for the same reason.
        if (arguments.TypeSafeByRcu && arguments.Zeroing != Zeroing.None)
        {
            return new(CacheOptions.Zeroing, "cannot be combined with TypeSafeByRcu: a reader may look at the object while it is cleared");
        }

        long least = SlabGeometry.LeastSlab(type, arguments);
        if (arguments.MaxBytes != 0 && arguments.MaxBytes < least)
        {
            return new(CacheOptions.MaxBytes, $"cannot be {arguments.MaxBytes}: the smallest slab has at least {least} bytes");
        }

        return null;
    }
}
