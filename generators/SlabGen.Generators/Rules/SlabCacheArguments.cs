using System.Collections.Immutable;
using System.Globalization;
using Microsoft.CodeAnalysis;

namespace SlabGen.Generators;

/// <summary>What a <c>[SlabCache]</c> says and, of what it does not, the <c>[SlabCacheDefaults]</c> of its assembly.</summary>
internal readonly struct SlabCacheArguments
{
    private readonly ImmutableArray<KeyValuePair<string, TypedConstant>> _own, _defaults;

    private SlabCacheArguments(AttributeData own, AttributeData? defaults)
    {
        _own = own.NamedArguments;
        _defaults = defaults?.NamedArguments ?? [];
    }

    /// <summary>The class's name; null when the attribute sets none.</summary>
    public string? Name => Find("Name") is { Value: string name } ? name : null;

    /// <summary>Bytes; 0 is natural.</summary>
    public int Alignment => Find(CacheOptions.Alignment) is { Value: int alignment } ? alignment : 0;

    /// <summary>Whether objects are aligned to the cache line, or a part of it.</summary>
    public bool HwCacheAlign => Find(CacheOptions.HwCacheAlign) is { Value: true };

    /// <summary>When objects are cleared.</summary>
    public Zeroing Zeroing => Find(CacheOptions.Zeroing) is { Value: int zeroing } ? (Zeroing)zeroing : Zeroing.None;

    /// <summary>Whether one thread alone uses the class.</summary>
    public bool SingleThreaded => Find(CacheOptions.SingleThreaded) is { Value: true };

    public static SlabCacheArguments Of(INamedTypeSymbol type, AttributeData attribute) =>
        new(attribute, type.ContainingAssembly.GetAttributes().FirstOrDefault(static data => SlabCacheAttributeName.Is(data, "SlabCacheDefaultsAttribute")));

    /// <summary>The first option that is out of its range, and its value; null when there is none.</summary>
    public (CacheOption Option, object Value)? FindOutOfRange()
    {
        foreach (CacheOption option in CacheOptions.All)
        {
            if (Find(option.Name) is { Value: int or long } constant)
            {
                long value = Convert.ToInt64(constant.Value, CultureInfo.InvariantCulture);
                if (value < option.Least || value > option.Most)
                {
                    return (option, constant.Value!);
                }
            }
        }

        return null;
    }

    /// <summary>The initialisers of <c>SlabCacheOptions</c>: what is set to something else than the default.</summary>
    public IEnumerable<string> Initializers()
    {
        foreach (CacheOption option in CacheOptions.All)
        {
            if (option.Write is { } write && Find(option.Name) is { } constant && !option.Default.Equals(constant.Value))
            {
                yield return write(constant.Value!);
            }
        }
    }

    /// <summary>The names of the options that either attribute sets.</summary>
    public IEnumerable<string> SetOptions()
    {
        foreach (CacheOption option in CacheOptions.All)
        {
            if (Find(option.Name) is not null)
            {
                yield return option.Name;
            }
        }
    }

    // An argument of the wrong type has another value or none; the compiler reports it.
    private TypedConstant? Find(string name) => Find(_own, name) ?? Find(_defaults, name);

    private static TypedConstant? Find(ImmutableArray<KeyValuePair<string, TypedConstant>> arguments, string name)
    {
        foreach (KeyValuePair<string, TypedConstant> argument in arguments)
        {
            if (argument.Key == name && argument.Value.Kind is (TypedConstantKind.Primitive or TypedConstantKind.Enum))
            {
                return argument.Value;
            }
        }

        return null;
    }
}
