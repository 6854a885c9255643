using Microsoft.CodeAnalysis;

namespace SlabGen.Generators;

/// <summary>What a <c>[SlabCache]</c> says.</summary>
/// <param name="Name">The class's name; null when the attribute sets none.</param>
/// <param name="Alignment">Bytes; 0 is natural.</param>
/// <param name="HwCacheAlign">SLAB_HWCACHE_ALIGN.</param>
internal readonly record struct SlabCacheArguments(string? Name, int Alignment, bool HwCacheAlign)
{
    public static SlabCacheArguments Of(AttributeData attribute)
    {
        SlabCacheArguments arguments = default;

        foreach (KeyValuePair<string, TypedConstant> argument in attribute.NamedArguments)
        {
            // An argument of the wrong type has another value here or none; the compiler reports it.
            arguments = (argument.Key, argument.Value.Value) switch
            {
                ("Name", string name) => arguments with { Name = name },
                ("Alignment", int alignment) => arguments with { Alignment = alignment },
                ("HwCacheAlign", bool hwCacheAlign) => arguments with { HwCacheAlign = hwCacheAlign },
                _ => arguments,
            };
        }

        return arguments;
    }
}
