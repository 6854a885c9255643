using System.Collections.Immutable;
using System.Globalization;

namespace SlabGen.Generators;

/// <summary>Every option of the attributes. A new option that the runtime has too is one line here.</summary>
internal static class CacheOptions
{
    public const string
        Alignment = "Alignment", HwCacheAlign = "HwCacheAlign", Order = "Order", Coloring = "Coloring", RandomOrder =
            "RandomOrder",
        RandomSeed = "RandomSeed", Zone = "Zone", Fallback = "Fallback", MaxBytes = "MaxBytes",
        TypeSafeByRcu = "TypeSafeByRcu", Mode = "Mode", Debug = "Debug",
        Pinning = "Pinning", HugePages = "HugePages", Zeroing = "Zeroing", Handles = "Handles",
        Extensions = "Extensions", SingleThreaded = "SingleThreaded";

    /// <summary>The table, in the order in which options are written. The ranges hold on every machine.</summary>
    public static readonly ImmutableArray<CacheOption> All =
    [
        Same(Alignment, 0, int.MinValue, int.MaxValue), // AlignmentRule checks it
        Same(HwCacheAlign, false),
        Same(Order, -1, -1, 10),
        Same("MinPartial", -1, -1, int.MaxValue),
        Same(Coloring, true),
        Same(RandomOrder, false) with { IsOfProject = true },
        Same(RandomSeed, 0, int.MinValue, int.MaxValue),
        SameEnum(Zone, "ZoneKind", 2, "Dma", "Dma32", "Normal", "HighMem"),
        SameEnum(Fallback, "ZoneFallback", 1, "Strict", "Preferred"),
        // These two choose the runtime.
        Generated(Pinning, 0, 0, 2) with { Members = ["None", "BestEffort", "Required"] },
        Generated(HugePages, 0, 0, 2) with { Members = ["None", "Transparent", "Reserved"] },
        Same("MagazineRounds", 0, 0, 509),
        Same("DepotBytes", 8L << 20, 0, long.MaxValue),
        Same("ReuseDistanceBytes", 4L << 20, 0, long.MaxValue),
        Same("MaxObjects", 0L, 0, long.MaxValue),
        Same(MaxBytes, 0L, 0, long.MaxValue), // OptionConflict checks the rest
        Same("Reclaimable", false),
        Same(TypeSafeByRcu, false),
        new(Mode, 0, 0, 2, static mode => $"Checked = {(mode is 2 ? "true" : "false")}")
        {
            Members = ["Default", "Fast", "Checked"],
            IsOfProject = true,
            // SLABGEN_DEBUG may turn it off.
            WriteOfProject = static mode => mode is 2 ? "CheckedByBuild = true" : "Checked = false",
        },
        new(Debug, 0, 0, (1 << Letters.Length) - 1, static letters => $"Debug = {RenderLetters((int)letters)}"),
        Generated(Zeroing, 0, 0, 2) with { Members = ["None", "OnAlloc", "OnFree"], IsOfProject = true },
        Generated(Handles, false),
        Generated(Extensions, false),
        Generated(SingleThreaded, false),
    ];

    /// <summary>The members of <c>SlabDebug</c>, by their bits.</summary>
    private static ImmutableArray<string> Letters => ["Checks", "RedZones", "Poison", "Users", "Trace", "Quarantine"];

    private static string RenderLetters(int value) => string.Join(
        " | ", Letters.Where((_, bit) => (value & (1 << bit)) != 0).Select(static name => $"global::SlabGen.SlabDebug.{name}"));

    /// <summary>An option that <c>SlabCacheOptions</c> has under the same name.</summary>
    private static CacheOption Same(string name, object @default, long least = 0, long most = 0) =>
        new(name, @default, least, most, value => $"{name} = {Render(value)}");

    /// <summary>The same for an enum, whose members are numbered from 0.</summary>
    private static CacheOption SameEnum(string name, string type, int @default, params string[] members) =>
        new(name, @default, 0, members.Length - 1, value => $"{name} = global::SlabGen.{type}.{members[(int)value]}") { Members = [.. members] };

    /// <summary>An option that the runtime does not know.</summary>
    private static CacheOption Generated(string name, object @default, long least = 0, long most = 0) =>
        new(name, @default, least, most, Write: null);

    private static string Render(object value) => value is bool flag
        ? flag ? "true" : "false"
        : Convert.ToString(value, CultureInfo.InvariantCulture);
}
