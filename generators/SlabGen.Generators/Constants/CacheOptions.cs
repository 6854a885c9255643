using System.Collections.Immutable;
using System.Globalization;
using Microsoft.CodeAnalysis;

namespace SlabGen.Generators;

/// <summary>Every option that the attributes have. A new one that is the runtime's too is one line here.</summary>
internal static class CacheOptions
{
    public const string
        Alignment = "Alignment", HwCacheAlign = "HwCacheAlign", Order = "Order", Coloring = "Coloring", RandomOrder = "RandomOrder",
        RandomSeed = "RandomSeed", Zone = "Zone", Fallback = "Fallback", MaxBytes = "MaxBytes", TypeSafeByRcu = "TypeSafeByRcu",
        Zeroing = "Zeroing", Handles = "Handles", Extensions = "Extensions", SingleThreaded = "SingleThreaded";

    /// <summary>The table, in the order in which options are written. Ranges are those that hold on every machine.</summary>
    public static readonly ImmutableArray<CacheOption> All =
    [
        Same(Alignment, 0, int.MinValue, int.MaxValue), // AlignmentRule says which
        Same(HwCacheAlign, false),
        Same(Order, -1, -1, 10),
        Same("MinPartial", -1, -1, int.MaxValue),
        Same(Coloring, true),
        Same(RandomOrder, false),
        Same(RandomSeed, 0, int.MinValue, int.MaxValue),
        Same(Zone, 2, 0, 3),
        Same(Fallback, 1, 0, 1),
        Same("MagazineRounds", 0, 0, 509),
        Same("DepotBytes", 8L << 20, 0, long.MaxValue),
        Same("ReuseDistanceBytes", 4L << 20, 0, long.MaxValue),
        Same("MaxObjects", 0L, 0, long.MaxValue),
        Same(MaxBytes, 0L, 0, long.MaxValue), // OptionConflict says the rest
        Same("Reclaimable", false),
        Same(TypeSafeByRcu, false),
        new("Mode", 0, 0, 2, static mode => $"Checked = {(mode.Value is 2 ? "true" : "false")}"),
        Generated(Zeroing, 0, 0, 2),
        Generated(Handles, false),
        Generated(Extensions, false),
        Generated(SingleThreaded, false),
    ];

    /// <summary>An option that <c>SlabCacheOptions</c> has under the same name.</summary>
    private static CacheOption Same(string name, object @default, long least = 0, long most = 0) =>
        new(name, @default, least, most, value => $"{name} = {Render(value)}");

    /// <summary>An option that the runtime knows nothing of.</summary>
    private static CacheOption Generated(string name, object @default, long least = 0, long most = 0) =>
        new(name, @default, least, most, Write: null);

    private static string Render(TypedConstant constant) => constant switch
    {
        { Value: bool value } => value ? "true" : "false",
        { Kind: TypedConstantKind.Enum, Type: INamedTypeSymbol type } => $"global::SlabGen.{type.Name}.{MemberOf(type, constant.Value!).Name}",
        _ => Convert.ToString(constant.Value, CultureInfo.InvariantCulture),
    };

    // There is one: the range was checked.
    private static IFieldSymbol MemberOf(INamedTypeSymbol type, object value) =>
        type.GetMembers().OfType<IFieldSymbol>().First(field => value.Equals(field.ConstantValue));
}
