using System.Collections.Immutable;
using System.Globalization;
using Microsoft.CodeAnalysis;

namespace SlabGen.Generators;

/// <summary>
/// The options that a <c>[SlabCache]</c> sets and, for those that it does not set, the <c>[SlabCacheDefaults]</c> of
/// its assembly.
/// </summary>
internal readonly struct SlabCacheArguments
{
    private readonly ImmutableArray<KeyValuePair<string, TypedConstant>> _own, _defaults;

    private SlabCacheArguments(AttributeData own, AttributeData? defaults)
    {
        _own = own.NamedArguments;
        _defaults = defaults?.NamedArguments ?? [];
    }

    /// <summary>The class's name, as the compiler reads it; null when the attribute sets none.</summary>
    public string? Name => Find("Name") is { Value: string name } ? Identifier.WithoutFormatting(name) : null;

    /// <summary>The pointer's name; null when the attribute sets none.</summary>
    public string? PointerName =>
        Find("PointerName") is { Value: string name } ? Identifier.WithoutFormatting(name) : null;

    /// <summary>Bytes; 0 is the natural alignment.</summary>
    public int Alignment => Find(CacheOptions.Alignment) is { Value: int alignment } ? alignment : 0;

    /// <summary>Whether objects are aligned to the cache line, or a part of it.</summary>
    public bool HwCacheAlign => Find(CacheOptions.HwCacheAlign) is { Value: true };

    /// <summary>Pages of a slab, as a power of two; -1 to choose by the object's size.</summary>
    public int Order => Find(CacheOptions.Order) is { Value: int order } ? order : -1;

    /// <summary>Whether the first objects of slabs lie at different offsets.</summary>
    public bool Coloring => Find(CacheOptions.Coloring) is not { Value: false };

    /// <summary>Whether the objects of a slab are taken in random order.</summary>
    public bool RandomOrder => Find(CacheOptions.RandomOrder) is { Value: true };

    /// <summary>The seed of that order; 0 is none.</summary>
    public int RandomSeed => Find(CacheOptions.RandomSeed) is { Value: int seed } ? seed : 0;

    /// <summary>Whether slabs are to lie in HighMem.</summary>
    public bool IsInHighMem => Find(CacheOptions.Zone) is { Value: 3 };

    /// <summary>Bytes; 0 is no limit.</summary>
    public long MaxBytes => Find(CacheOptions.MaxBytes) is { Value: long bytes } ? bytes : 0;

    /// <summary>Whether the class is never to check, whatever is asked for from outside.</summary>
    public bool IsFast => Find(CacheOptions.Mode) is { Value: 1 };

    /// <summary>Whether something is to be done to find misuse.</summary>
    public bool HasLetters => Find(CacheOptions.Debug) is { Value: > 0 };

    /// <summary>Whether readers may look at an object before they know whether it is free.</summary>
    public bool TypeSafeByRcu => Find(CacheOptions.TypeSafeByRcu) is { Value: true };

    /// <summary>The runtime of a class that names no other.</summary>
    public const string DefaultRuntime = "global::SlabGen.SlabRuntime.Default";

    /// <summary>A C# expression for the runtime that the cache lives in.</summary>
    public string Runtime
    {
        get
        {
            (string pinning, string hugePages) = (Member(CacheOptions.Pinning), Member(CacheOptions.HugePages));
            return (pinning, hugePages) == ("None", "None")
                ? DefaultRuntime
                : $"global::SlabGen.SlabRuntime.Of(global::SlabGen.Pinning.{pinning}, global::SlabGen.HugePages.{hugePages})";
        }
    }

    /// <summary>When objects are cleared.</summary>
    public Zeroing Zeroing => Find(CacheOptions.Zeroing) is { Value: int zeroing } ? (Zeroing)zeroing : Zeroing.None;

    /// <summary>Whether objects can be allocated by handle.</summary>
    public bool Handles => Find(CacheOptions.Handles) is { Value: true };

    /// <summary>Whether the struct gets extension members.</summary>
    public bool Extensions => Find(CacheOptions.Extensions) is { Value: true };

    /// <summary>Whether only one thread uses the class.</summary>
    public bool SingleThreaded => Find(CacheOptions.SingleThreaded) is { Value: true };

    /// <summary>
    /// Whether every object lies below 4 GiB: the zone is Dma or Dma32, and pages never come from elsewhere.
    /// </summary>
    public bool IsBelow4GiB =>
        Find(CacheOptions.Zone) is { Value: 0 or 1 } && Find(CacheOptions.Fallback) is { Value: 0 };

    public static SlabCacheArguments Of(INamedTypeSymbol type, AttributeData attribute) =>
        new(attribute,
            type.ContainingAssembly.GetAttributes()
                .FirstOrDefault(static data => SlabCacheAttributeName.Is(data, "SlabCacheDefaultsAttribute")));

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

    /// <summary>The initialisers of <c>SlabCacheOptions</c> for the options that differ from the default.</summary>
    public IEnumerable<string> Initializers()
    {
        foreach (CacheOption option in CacheOptions.All)
        {
            if (option.Write is { } write && Find(option.Name) is { } constant
                && !option.Default.Equals(constant.Value))
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

    /// <summary>
    /// The enum member that an option is set to, or its default. SLAB0012 reports a value that is no member.
    /// </summary>
    private string Member(string name)
    {
        CacheOption option = CacheOptions.All.First(option => option.Name == name);
        int value =
            (int)(Find(name) is { Value: int set } && set >= 0 && set < option.Members.Length ? set : option.Default);
        return option.Members[value];
    }

    // An argument of the wrong type has another value or none. The compiler reports it.
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
