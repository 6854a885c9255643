using SlabGen.Checking;

namespace SlabGen.Tests.Diagnostics;

/// <summary>What SLABGEN_DEBUG says, and which of those that ask for checks wins.</summary>
public sealed class DebugVariableTests
{
    [Theory]
    [InlineData(null, null)]
    [InlineData("", null)]
    [InlineData(" ", null)]
    [InlineData("0", false)]
    [InlineData("-", false)]
    [InlineData("1", true)]
    [InlineData("on", true)]
    [InlineData("True", true)]
    [InlineData("YES", true)]
    [InlineData(" off ", false)]
    [InlineData("FALSE", false)]
    [InlineData("No", false)]
    public void It_turns_checks_on_or_off_or_says_nothing(string? text, bool? expected)
    {
        Assert.Equal(Letters(expected), DebugVariable.Parse(text));
        Assert.Equal(Letters(expected), DebugVariable.ParseSetting(text));
    }

    [Theory]
    [InlineData("F", SlabDebug.Checks)]
    [InlineData("Z", SlabDebug.Checks | SlabDebug.RedZones)]
    [InlineData("p", SlabDebug.Checks | SlabDebug.Poison)]
    [InlineData("U", SlabDebug.Checks | SlabDebug.Users)]
    [InlineData("T", SlabDebug.Checks | SlabDebug.Trace)]
    [InlineData("upzf", SlabDebug.Full)]
    [InlineData("FZPUT", SlabDebug.Full | SlabDebug.Trace)]
    [InlineData("Q", SlabDebug.Checks | SlabDebug.Quarantine)]
    [InlineData("FZPU,o;-", SlabDebug.None)]
    public void Each_letter_does_its_work_and_checks(string text, SlabDebug expected) =>
        Assert.Equal(expected, DebugVariable.Parse(text));

    private static SlabDebug? Letters(bool? isOn) =>
        isOn is null ? null : isOn.Value ? SlabDebug.Checks : SlabDebug.None;

    [Theory]
    [InlineData("2", '2')]
    [InlineData("offf", 'o')]
    [InlineData("checked", 'c')]
    [InlineData("onoff", 'o')]
    [InlineData("FX", 'X')]
    [InlineData("F-", '-')]
    [InlineData("F,orders;FO,lines", 'O')]
    public void Another_letter_is_refused_and_the_message_names_it_and_what_may_be(string text, char letter)
    {
        InvalidOperationException e = Assert.Throws<InvalidOperationException>(() => DebugVariable.Parse(text));
        Assert.Equal($"The environment variable SLABGEN_DEBUG is '{text}', where '{letter}' is no letter. It must be on, 1, true or yes, or off, 0, false, no or -; or letters of FZPUTQ, or -, with names of caches, as in FZ,orders,kmalloc-*;-,lines.", e.Message);
        e = Assert.Throws<InvalidOperationException>(() => DebugVariable.ParseSetting(text));
        Assert.Equal($"The runtime configuration sets SlabGen.Debug (by the MSBuild property SlabGenDebug) to '{text}', where '{letter}' is no letter. It must be on, 1, true or yes, or off, 0, false, no or -; or letters of FZPUTQ, or -, with names of caches, as in FZ,orders,kmalloc-*;-,lines.", e.Message);
        e = Assert.Throws<InvalidOperationException>(() => DebugVariable.ParseSetting(text, setting: 1));
        Assert.StartsWith($"The runtime configuration sets SlabGen.Checked (by the MSBuild property SlabGenMode) to '{text}'", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("F", "orders", null, true)]
    [InlineData("ff", "orders", null, true)]
    [InlineData("F,orders", "orders", true, null)]
    [InlineData("F,orders", "order", null, null)]
    [InlineData("F,ord*", "orders", true, null)]
    [InlineData("-,orders", "orders", false, null)]
    [InlineData("F;-,lines,ord*", "orders", false, true)]
    [InlineData("-,orders;F,orders", "orders", false, null)]
    [InlineData("F;-", "orders", null, false)]
    [InlineData(" F , orders ; - ; ", "orders", true, false)]
    [InlineData("off", "orders", null, false)]
    public void The_first_block_that_names_a_cache_decides_for_it_and_for_others_the_last_that_names_none(
        string text, string cache, bool? ofIt, bool? ofOthers)
    {
        Assert.Equal(Letters(ofIt), DebugVariable.Parse(text, cache));
        Assert.Equal(Letters(ofOthers), DebugVariable.Parse(text));
    }

    [Theory]
    [InlineData(",orders", SlabDebug.Full, null)]
    [InlineData("FZ;P,ord*;U,orders", SlabDebug.Checks | SlabDebug.Poison, SlabDebug.Checks | SlabDebug.RedZones)]
    public void Names_without_a_letter_have_those_of_the_kernel(string text, SlabDebug? ofIt, SlabDebug? ofOthers)
    {
        Assert.Equal(ofIt, DebugVariable.Parse(text, "orders"));
        Assert.Equal(ofOthers, DebugVariable.Parse(text));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_host_may_have_a_word_or_a_truth(bool value) =>
        Assert.Equal(Letters(value), DebugVariable.ParseSetting(value, setting: 1));

    [Theory]
    [InlineData(null, false, false, false)]
    [InlineData(null, false, true, true)]
    [InlineData(null, true, false, true)]
    [InlineData(true, false, false, true)]
    [InlineData(false, true, true, false)]
    public void The_program_wins_over_runtime_and_build(bool? program, bool build, bool runtime, bool expected)
    {
        using SlabRuntime pages = TestRuntime.OfPages(64, isChecked: runtime);
        KmemCache cache = pages.CreateCache("mode", 64, new SlabCacheOptions { Checked = program, CheckedByBuild = build });
        Assert.Equal(expected, cache.Snapshot().IsChecked);
    }

    [Theory]
    [InlineData(null, null, SlabDebug.RedZones, SlabDebug.Checks | SlabDebug.RedZones)]
    [InlineData(null, true, SlabDebug.RedZones, SlabDebug.Checks | SlabDebug.RedZones)]
    [InlineData(null, false, SlabDebug.RedZones, SlabDebug.None)]
    [InlineData(SlabDebug.Poison, null, SlabDebug.RedZones, SlabDebug.Checks | SlabDebug.Poison)]
    [InlineData(SlabDebug.None, null, SlabDebug.RedZones, SlabDebug.None)]
    [InlineData(SlabDebug.None, true, SlabDebug.RedZones, SlabDebug.Checks)]
    public void Letters_of_the_program_win_over_those_of_the_runtime(SlabDebug? program, bool? isChecked, SlabDebug runtime, SlabDebug expected)
    {
        using SlabRuntime pages = Checking.Lettered.NewRuntime(runtime);
        KmemCache cache = pages.CreateCache("mode", 64, new SlabCacheOptions { Checked = isChecked, Debug = program });
        Assert.Equal(expected, cache.Snapshot().Debug);
        Assert.Equal(expected != SlabDebug.None, cache.Snapshot().IsChecked);
    }

    [Fact]
    public void What_contradicts_itself_or_is_no_letter_is_refused_and_named()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(64);
        ArgumentException e = Assert.ThrowsAny<ArgumentException>(() => runtime.CreateCache("o", 64, new SlabCacheOptions { Checked = false, Debug = SlabDebug.Poison }));
        Assert.Contains("Cache 'o': SlabCacheOptions.Debug does not go with Checked = false", e.Message, StringComparison.Ordinal);
        e = Assert.ThrowsAny<ArgumentException>(() => runtime.CreateCache("o", 64, new SlabCacheOptions { Debug = (SlabDebug)128 }));
        Assert.Contains("must be made of None, Checks, RedZones, Poison, Users, Full, Trace, Quarantine", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_options_of_a_runtime_agree_with_each_other()
    {
        Assert.Equal(SlabDebug.None, (new SlabRuntimeOptions() with { Debug = SlabDebug.None }).Debug);
        Assert.Equal(SlabDebug.None, (new SlabRuntimeOptions() with { Checked = false }).Debug);
        SlabRuntimeOptions both = new() { Checked = true, Debug = SlabDebug.None };
        Assert.Equal((SlabDebug.Checks, true), (both.Debug, both.Checked));
        Assert.True(new SlabRuntimeOptions { Debug = SlabDebug.Poison }.Checked);
    }
}
