using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace SlabGen.Generators.Tests;

/// <summary>What MSBuild properties set, and what wins over them.</summary>
public sealed class ProjectDefaultsTests
{
    private const string Order = "[SlabGen.SlabCache] public struct Order { public long Id; }";

    [Theory]
    [InlineData("SlabGenMode", "Checked", "new global::SlabGen.SlabCacheOptions { CheckedByBuild = true }")]
    [InlineData("SlabGenMode", "Fast", "new global::SlabGen.SlabCacheOptions { Checked = false }")]
    [InlineData("SlabGenMode", " checked ", "new global::SlabGen.SlabCacheOptions { CheckedByBuild = true }")]
    [InlineData("SlabGenRandomOrder", "True", "new global::SlabGen.SlabCacheOptions { RandomOrder = true }")]
    [InlineData("SlabGenZeroing", "OnFree", "obj.Value = default;")]
    public void A_property_sets_its_option(string property, string value, string expected)
    {
        Assert.DoesNotContain(expected, Generate(Order), StringComparison.Ordinal);
        Assert.Contains(expected, Generate(Order, (property, value)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("SlabGenMode", "")]
    [InlineData("SlabGenMode", "Default")]
    [InlineData("SlabGenRandomOrder", "false")]
    [InlineData("SlabGenZeroing", "None")]
    [InlineData("SlabGenMode", "2")] // SLAB0300
    [InlineData("SlabGenOrder", "3")] // for the code to say
    [InlineData("Mode", "Checked")]
    public void What_is_usual_or_unknown_changes_nothing(string property, string value) =>
        Assert.Equal(Generate(Order), Generate(Order, (property, value)));

    [Theory]
    [InlineData("[SlabGen.SlabCache(Mode = SlabGen.SlabMode.Fast)] public struct Order;")]
    [InlineData("[SlabGen.SlabCache(Mode = SlabGen.SlabMode.Default)] public struct Order;")]
    [InlineData("[assembly: SlabGen.SlabCacheDefaults(Mode = SlabGen.SlabMode.Fast)] [SlabGen.SlabCache] public struct Order;")]
    public void An_attribute_wins(string source) => Assert.Equal(Generate(source), Generate(source, ("SlabGenMode", "Checked")));

    [Fact]
    public void Properties_are_added_to_what_an_attribute_sets() => Assert.Contains(
        "new global::SlabGen.SlabCacheOptions { Alignment = 64, RandomOrder = true, CheckedByBuild = true }",
        Generate("[SlabGen.SlabCache(Alignment = 64)] public struct Order;", ("SlabGenMode", "Checked"), ("SlabGenRandomOrder", "true")),
        StringComparison.Ordinal);

    [Fact]
    public void Zeroing_leaves_a_struct_with_a_constructor_out()
    {
        const string Source = "[SlabGen.SlabCache] public struct Order { [SlabGen.SlabConstructor] internal void Start() { } }";
        Assert.Equal(Generate(Source), Generate(Source, ("SlabGenZeroing", "OnAlloc")));
    }

    [Fact]
    public async Task The_package_hands_on_just_the_properties_that_are_read()
    {
        string props = await File.ReadAllTextAsync(
            Path.Combine(TestCompilation.RepositoryRoot, "src", "SlabGen", "buildTransitive", "SlabGen.props"), TestContext.Current.CancellationToken);
        string[] named = [.. Regex.Matches(props, "CompilerVisibleProperty Include=\"(.*)\"").Select(static match => match.Groups[1].Value)];

        // Those of a cache, and those of the default runtime.
        const BindingFlags Own = BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly;
        PropertyInfo[] options = [.. typeof(SlabCacheOptionsAttribute).GetProperties(Own), .. typeof(SlabRuntimeOptions).GetProperties(Own)];
        SortedSet<string> read = new(StringComparer.Ordinal)
        {
            "SlabGenHighMemBytes", // by SLAB0054
            "SlabGenDiagnostics", // whether metrics and events are in the program
            "SlabGenGuard", "SlabGenGuardObjects", // parts of SlabRuntimeOptions.GuardSampling
        };
        foreach (PropertyInfo option in options)
        {
            if (!(await InvalidPropertyTests.Analyze(("SlabGen" + option.Name, "no such word"))).IsEmpty)
            {
                read.Add("SlabGen" + option.Name);
            }
        }

        Assert.Equal(named.Order(StringComparer.Ordinal), read);
    }

    [Fact]
    public async Task Every_member_of_an_enum_is_a_value_of_its_property()
    {
        foreach ((string property, string word) in Enum.GetNames<SlabMode>().Select(static word => ("SlabGenMode", word))
            .Concat(Enum.GetNames<SlabZeroing>().Select(static word => ("SlabGenZeroing", word))))
        {
            Assert.Empty(await InvalidPropertyTests.Analyze((property, word)));
        }
    }

    private static string Generate(string source, params (string Name, string Value)[] properties)
    {
        CSharpCompilation compilation = TestCompilation.Create(source);
        GeneratorDriver driver = TestCompilation.CreateDriver()
            .WithUpdatedAnalyzerConfigOptions(new BuildProperties(properties))
            .RunGeneratorsAndUpdateCompilation(compilation, out Compilation output, out _, TestContext.Current.CancellationToken);
        Assert.Empty(output.GetDiagnostics(TestContext.Current.CancellationToken));
        return Assert.Single(Assert.Single(driver.GetRunResult().Results).GeneratedSources).SourceText.ToString();
    }
}
