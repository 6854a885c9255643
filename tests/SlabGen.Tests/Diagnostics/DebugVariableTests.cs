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
        Assert.Equal(expected, DebugVariable.Parse(text));
        Assert.Equal(expected, DebugVariable.ParseSetting(text));
    }

    [Theory]
    [InlineData("2", '2')]
    [InlineData("offf", 'o')]
    [InlineData("checked", 'c')]
    [InlineData("onoff", 'o')]
    [InlineData("FZ", 'Z')]
    [InlineData("F-", '-')]
    [InlineData("F,orders;FQ,lines", 'Q')]
    public void Another_letter_is_refused_and_the_message_names_it_and_what_may_be(string text, char letter)
    {
        InvalidOperationException e = Assert.Throws<InvalidOperationException>(() => DebugVariable.Parse(text));
        Assert.Equal($"The environment variable SLABGEN_DEBUG is '{text}', where '{letter}' is no letter. It must be on, 1, true or yes, or off, 0, false, no or -; or F or - with names of caches, as in F,orders,kmalloc-*;-,lines.", e.Message);
        e = Assert.Throws<InvalidOperationException>(() => DebugVariable.ParseSetting(text));
        Assert.Equal($"The runtime configuration sets SlabGen.Checked (by the MSBuild property SlabGenMode) to '{text}', where '{letter}' is no letter. It must be on, 1, true or yes, or off, 0, false, no or -; or F or - with names of caches, as in F,orders,kmalloc-*;-,lines.", e.Message);
    }

    [Theory]
    [InlineData("F", "orders", null, true)]
    [InlineData("ff", "orders", null, true)]
    [InlineData("F,orders", "orders", true, null)]
    [InlineData("F,orders", "order", null, null)]
    [InlineData("F,ord*", "orders", true, null)]
    [InlineData(",orders", "orders", true, null)]
    [InlineData("-,orders", "orders", false, null)]
    [InlineData("F;-,lines,ord*", "orders", false, true)]
    [InlineData("-,orders;F,orders", "orders", false, null)]
    [InlineData("F;-", "orders", null, false)]
    [InlineData(" F , orders ; - ; ", "orders", true, false)]
    [InlineData("off", "orders", null, false)]
    public void The_first_block_that_names_a_cache_decides_for_it_and_for_others_the_last_that_names_none(
        string text, string cache, bool? ofIt, bool? ofOthers)
    {
        Assert.Equal(ofIt, DebugVariable.Parse(text, cache));
        Assert.Equal(ofOthers, DebugVariable.Parse(text));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_host_may_have_a_word_or_a_truth(bool value) => Assert.Equal(value, DebugVariable.ParseSetting(value));

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
}
