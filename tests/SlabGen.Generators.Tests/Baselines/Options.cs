using System.Reflection;
using System.Text.RegularExpressions;

namespace SlabGen.Generators.Tests;

/// <summary>What an option of the attribute becomes: a property of SlabCacheOptions, written only where it is not the default.</summary>
public sealed class Options
{
    public static readonly TheoryData<string> All =
        [.. typeof(SlabCacheOptionsAttribute).GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly).Select(static option => option.Name)];

    [Theory]
    [InlineData("Alignment = 64", "Alignment = 64")]
    [InlineData("HwCacheAlign = true", "HwCacheAlign = true")]
    [InlineData("Order = 0", "Order = 0")]
    [InlineData("MinPartial = 0", "MinPartial = 0")]
    [InlineData("Coloring = false", "Coloring = false")]
    [InlineData("RandomOrder = true", "RandomOrder = true")]
    [InlineData("Zone = SlabGen.ZoneKind.Dma32", "Zone = global::SlabGen.ZoneKind.Dma32")]
    [InlineData("Zone = (SlabGen.ZoneKind)3", "Zone = global::SlabGen.ZoneKind.HighMem")]
    [InlineData("Fallback = SlabGen.ZoneFallback.Strict", "Fallback = global::SlabGen.ZoneFallback.Strict")]
    [InlineData("MagazineRounds = 8 + 1", "MagazineRounds = 9")]
    [InlineData("DepotBytes = 1L << 40", "DepotBytes = 1099511627776")]
    [InlineData("ReuseDistanceBytes = 0", "ReuseDistanceBytes = 0")]
    [InlineData("RandomSeed = -7, RandomOrder = true", "RandomOrder = true, RandomSeed = -7")]
    [InlineData("MaxObjects = 10", "MaxObjects = 10")]
    [InlineData("MaxBytes = 1 << 20", "MaxBytes = 1048576")]
    [InlineData("Reclaimable = true", "Reclaimable = true")]
    [InlineData("TypeSafeByRcu = true", "TypeSafeByRcu = true")]
    [InlineData("Mode = SlabGen.SlabMode.Checked", "Checked = true")]
    [InlineData("Mode = SlabGen.SlabMode.Fast", "Checked = false")]
    [InlineData("Debug = SlabGen.SlabDebug.RedZones", "Debug = global::SlabGen.SlabDebug.RedZones")]
    [InlineData("Debug = SlabGen.SlabDebug.Full", "Debug = global::SlabGen.SlabDebug.Checks | global::SlabGen.SlabDebug.RedZones | global::SlabGen.SlabDebug.Poison | global::SlabGen.SlabDebug.Users")]
    [InlineData("Debug = (SlabGen.SlabDebug)17", "Debug = global::SlabGen.SlabDebug.Checks | global::SlabGen.SlabDebug.Trace")]
    [InlineData("Debug = SlabGen.SlabDebug.None", "")]
    [InlineData("MinPartial = 3, Alignment = 8, Order = 1", "Alignment = 8, Order = 1, MinPartial = 3")]
    [InlineData("Zeroing = SlabGen.SlabZeroing.OnAlloc", "")]
    [InlineData("Pinning = SlabGen.Pinning.Required", "")]
    [InlineData("HugePages = SlabGen.HugePages.Transparent", "")]
    [InlineData("SingleThreaded = true", "")]
    [InlineData("Handles = true", "")]
    [InlineData("Extensions = true", "")]
    public async Task An_option_is_written_as_the_runtime_s(string argument, string initializers) =>
        Assert.Equal(initializers, await InitializersOf($"[SlabGen.SlabCache({argument})] public struct Order;"));

    [Theory]
    [InlineData("", "Default")]
    [InlineData("Pinning = SlabGen.Pinning.None, HugePages = SlabGen.HugePages.None", "Default")]
    [InlineData("Pinning = SlabGen.Pinning.BestEffort", "Of(global::SlabGen.Pinning.BestEffort, global::SlabGen.HugePages.None)")]
    [InlineData("HugePages = SlabGen.HugePages.Reserved", "Of(global::SlabGen.Pinning.None, global::SlabGen.HugePages.Reserved)")]
    [InlineData("Pinning = (SlabGen.Pinning)2, HugePages = SlabGen.HugePages.Transparent", "Of(global::SlabGen.Pinning.Required, global::SlabGen.HugePages.Transparent)")]
    public async Task Pinning_and_huge_pages_choose_the_runtime(string arguments, string runtime) => Assert.Contains(
        $"global::SlabGen.SlabRuntime runtime = global::SlabGen.SlabRuntime.{runtime};",
        Assert.Single(await GeneratorTest.Run($"[SlabGen.SlabCache({arguments})] public struct Order;")).SourceText.ToString(),
        StringComparison.Ordinal);

    [Fact]
    public async Task The_assembly_may_choose_the_runtime_too() => Assert.Contains(
        "SlabRuntime.Of(global::SlabGen.Pinning.BestEffort, global::SlabGen.HugePages.Transparent)",
        Assert.Single(await GeneratorTest.Run(
            "[assembly: SlabGen.SlabCacheDefaults(Pinning = SlabGen.Pinning.BestEffort)] [SlabGen.SlabCache(HugePages = SlabGen.HugePages.Transparent)] public struct Order;")).SourceText.ToString(),
        StringComparison.Ordinal);

    [Fact]
    public async Task A_member_of_an_enum_is_written_under_its_name()
    {
        foreach (PropertyInfo option in typeof(SlabCacheOptions).GetProperties().Where(static option => option.PropertyType.IsEnum && option.Name != "Zeroing" && typeof(SlabCacheAttribute).GetProperty(option.Name) is not null)) // Zeroing the class does itself
        {
            string type = option.PropertyType.Name;
            foreach (string member in Enum.GetNames(option.PropertyType).Where(member => member != option.GetValue(new SlabCacheOptions())!.ToString()))
            {
                Assert.Equal(
                    $"{option.Name} = global::SlabGen.{type}.{member}",
                    await InitializersOf($"[SlabGen.SlabCache({option.Name} = SlabGen.{type}.{member})] public struct Order;"));
            }
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task The_default_of_an_option_is_the_runtime_s_and_is_not_written(string option)
    {
        object value = typeof(SlabCacheAttribute).GetProperty(option)!.GetValue(new SlabCacheAttribute())!;
        if (typeof(SlabCacheOptions).GetProperty(option) is { } ofRuntime && Nullable.GetUnderlyingType(ofRuntime.PropertyType) is null)
        {
            Assert.Equal(ofRuntime.GetValue(new SlabCacheOptions()), value);
        }

        string text = value is bool ? value.ToString()!.ToLowerInvariant() : value is Enum ? $"SlabGen.{value.GetType().Name}.{value}" : $"{value}";
        Assert.Equal("", await InitializersOf($"[SlabGen.SlabCache({option} = {text})] public struct Order;"));
    }

    [Fact]
    public async Task The_assembly_s_defaults_hold_where_the_struct_says_nothing() => Assert.Equal(
        "Alignment = 128, Order = 2, MinPartial = 7",
        await InitializersOf(
            """
            [assembly: SlabGen.SlabCacheDefaults(Alignment = 64, Order = 2, HwCacheAlign = true, Coloring = true)]
            [SlabGen.SlabCache(Alignment = 128, MinPartial = 7, HwCacheAlign = false)] public struct Order;
            """));

    [Theory]
    [MemberData(nameof(All))]
    public void Everything_has_a_property_of_the_table(string option) =>
        Assert.Contains(option, CacheOptionNames());

    [Fact]
    public async Task Handles_that_nobody_asked_for_are_not_there() => Assert.DoesNotContain(
        "Handle", Assert.Single(await GeneratorTest.Run("[SlabGen.SlabCache] public struct Order;")).SourceText.ToString(), StringComparison.Ordinal);

    private static IEnumerable<string> CacheOptionNames()
    {
        object table = typeof(SlabCacheGenerator).Assembly.GetType("SlabGen.Generators.CacheOptions")!.GetField("All")!.GetValue(null)!;
        return ((System.Collections.IEnumerable)table).Cast<object>().Select(static option => (string)option.GetType().GetProperty("Name")!.GetValue(option)!);
    }

    private static async Task<string> InitializersOf(string source)
    {
        string text = Assert.Single(await GeneratorTest.Run(source)).SourceText.ToString();
        return Regex.Match(text, @"new global::SlabGen\.SlabCacheOptions { (.*) }").Groups[1].Value;
    }
}
