using System.Text.RegularExpressions;

namespace SlabGen.Tests;

/// <summary>Every knob of <c>runtimeconfig.json</c> sets its option; a wrong value is refused by its name, its value and what is allowed.</summary>
public sealed class RuntimeConfigTests
{
    [Fact]
    public void A_long_value_is_cut_and_what_cannot_be_seen_escaped()
    {
        string value = "1\u202e" + new string('x', 5000);
        InvalidOperationException e = Assert.Throws<InvalidOperationException>(() => RuntimeConfig.Read(name => name == "SlabGen.MemoryLimit" ? value : null));
        Assert.Contains(@"to '1\u202exxx", e.Message, StringComparison.Ordinal);
        Assert.True(e.Message.Length < 400, e.Message);
    }

    [Theory]
    [InlineData("a\0b", @"'a\u0000b' has the character U+0000 at index 1")]
    [InlineData(" ", "HighMem.Path")]
    public void A_path_that_is_none_is_refused_as_an_option(string path, string says)
    {
        var options = new SlabRuntimeOptions { HighMem = new HighMemOptions { Bytes = 1 << 20, Path = path } };
        ArgumentException e = Assert.ThrowsAny<ArgumentException>(() => new SlabRuntime(options));
        Assert.Equal("HighMem.Path", e.ParamName);
        Assert.Contains(says, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_set_gives_the_defaults() => Assert.Equal(new SlabRuntimeOptions(), RuntimeConfig.Read(static _ => null));

    [Theory]
    [InlineData("4096", 4096L)]
    [InlineData("0", 0L)]
    [InlineData("8k", 8L << 10)]
    [InlineData("512M", 512L << 20)]
    [InlineData("3G", 3L << 30)]
    [InlineData("1t", 1L << 40)]
    [InlineData("9223372036854775807", long.MaxValue)]
    [InlineData("9223372036854775808", null)]
    [InlineData("9007199254740992K", null)] // 2^63
    [InlineData("-1", null)]
    [InlineData("1.5G", null)]
    [InlineData("512MB", null)]
    [InlineData("512 M", null)]
    [InlineData("M", null)]
    [InlineData("0x10", null)]
    public void Bytes(string text, long? bytes) => Assert.Equal(bytes, RuntimeConfig.ParseBytes(text));

    [Theory]
    [InlineData("500ms", 500)]
    [InlineData("10s", 10_000)]
    [InlineData("5M", 300_000)]
    [InlineData("Infinite", -1)]
    [InlineData("10", null)]
    [InlineData("1.5s", null)]
    [InlineData("-1s", null)]
    [InlineData("ms", null)]
    [InlineData("99999999999s", null)]
    public void Times(string text, int? milliseconds) =>
        Assert.Equal(milliseconds, (int?)RuntimeConfig.ParseTime(text)?.TotalMilliseconds);

    [Fact]
    public void Each_knob_sets_its_option()
    {
        SlabRuntimeOptions options = Read(
            ("MemoryLimit", "256M"), ("MinFreeBytes", "1M"), ("ReapInterval", "250ms"), ("Pinning", "bestEffort"), ("HugePages", "Reserved"),
            ("Processors", "3"), ("WatermarkScaleFactor", "20"), ("Guard", "30s"), ("GuardObjects", "5"), ("HighMemBytes", "8M"), ("HighMemPath", " /tmp/pages "));
        var zone = new ZoneOptions { Pinning = Pinning.BestEffort, HugePages = HugePages.Reserved };
        Assert.Equal(
            new SlabRuntimeOptions
            {
                MemoryLimit = 256 << 20,
                MinFreeBytes = 1 << 20,
                ReapInterval = TimeSpan.FromMilliseconds(250),
                Dma = zone,
                Dma32 = zone,
                Normal = zone,
                Processors = 3,
                WatermarkScaleFactor = 20,
                GuardSampling = new GuardSampling { Interval = TimeSpan.FromSeconds(30), MaxObjects = 5 },
                HighMem = new HighMemOptions { Bytes = 8 << 20, Path = "/tmp/pages" },
            },
            options);
    }

    [Theory]
    [InlineData("MemoryLimit", "lots", "must be a number of bytes")]
    [InlineData("MemoryLimit", "1K", "MemoryLimit must be from")]
    [InlineData("MemoryLimit", "8000T", "MemoryLimit")]
    [InlineData("MinFreeBytes", "8000T", "MinFreeBytes must be from 0 to")]
    [InlineData("ReapInterval", "10", "must be a number with ms, s or m")]
    [InlineData("ReapInterval", "1ms", "from 10 ms to 1 hour")]
    [InlineData("Pinning", "1", "must be None or BestEffort or Required")]
    [InlineData("Pinning", "None,Required", "must be None or BestEffort or Required")]
    [InlineData("HugePages", "Always", "must be None or Transparent or Reserved")]
    [InlineData("Processors", "0", "Processors must be from 1 to 65536")]
    [InlineData("WatermarkScaleFactor", "-1", "must be a number")]
    [InlineData("Guard", "10", "must be on, off, or the interval")]
    [InlineData("Guard", "2m5", "must be on, off, or the interval")]
    [InlineData("Guard", "infinite", "must be on, off, or the interval")]
    [InlineData("Guard", "61m", "must be on, off, or the interval")]
    [InlineData("GuardObjects", "many", "must be a number")]
    [InlineData("HighMemBytes", "1", "HighMem.Bytes must be from")]
    public void A_wrong_value_is_refused_by_name_value_and_what_is_allowed(string name, string value, string allowed)
    {
        InvalidOperationException e = Assert.Throws<InvalidOperationException>(() => Read((name, value)));
        Assert.StartsWith($"The runtime configuration sets SlabGen.{name} (MSBuild property SlabGen{name}) to '{value}'. ", e.Message, StringComparison.Ordinal);
        Assert.Contains(allowed, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_package_has_a_property_for_each_knob_and_the_documentation_names_it()
    {
        string targets = File.ReadAllText(Path.Combine(RepositoryRoot.Path, "src", "SlabGen", "buildTransitive", "SlabGen.targets"));
        string[] written = [.. Regex.Matches(targets, """<RuntimeHostConfigurationOption Include="SlabGen\.(\w+)" Condition="'\$\(SlabGen\1\)' != ''" Value="\$\(SlabGen\1\)" Trim="false" />""")
            .Select(match => match.Groups[1].Value).Where(name => name != "Debug")]; // of all runtimes: DebugVariable
        Assert.Equal(RuntimeConfig.Names.Order(StringComparer.Ordinal), written.Order(StringComparer.Ordinal));
        string source = File.ReadAllText(Path.Combine(RepositoryRoot.Path, "src", "SlabGen", "SlabRuntimeOptions.Config.cs"));
        Assert.All(RuntimeConfig.Names, name => Assert.Contains("<c>SlabGen." + name + "</c>", source, StringComparison.Ordinal));
    }

    [Fact]
    public void The_default_runtime_in_use_cannot_be_configured_and_a_bad_option_never()
    {
        KmemCache cache = SlabRuntime.Default.CreateCache("configured-too-late", 64);
        cache.Destroy();
        InvalidOperationException e = Assert.Throws<InvalidOperationException>(static () => SlabRuntime.ConfigureDefault(new SlabRuntimeOptions()));
        Assert.Matches("in use since the cache '.+' was made", e.Message);
        Assert.Throws<ArgumentOutOfRangeException>(static () => SlabRuntime.ConfigureDefault(new SlabRuntimeOptions { Processors = 0 }));
        Assert.Throws<ArgumentNullException>(static () => SlabRuntime.ConfigureDefault(null!));
    }

    private static SlabRuntimeOptions Read(params (string Name, string Value)[] set) =>
        RuntimeConfig.Read(name => set.FirstOrDefault(knob => "SlabGen." + knob.Name == name).Value);
}
