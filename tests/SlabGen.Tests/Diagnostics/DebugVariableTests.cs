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
    [InlineData("2")]
    [InlineData("offf")]
    [InlineData("checked")]
    [InlineData("onoff")]
    public void Another_word_is_refused_and_the_message_names_it_and_those_that_may_be(string text)
    {
        InvalidOperationException e = Assert.Throws<InvalidOperationException>(() => DebugVariable.Parse(text));
        Assert.Equal($"The environment variable SLABGEN_DEBUG is '{text}'. It must be on, 1, true or yes, or off, 0, false, no or -.", e.Message);
        e = Assert.Throws<InvalidOperationException>(() => DebugVariable.ParseSetting(text));
        Assert.Equal($"The runtime configuration sets SlabGen.Checked (by the MSBuild property SlabGenMode) to '{text}'. It must be on, 1, true or yes, or off, 0, false, no or -.", e.Message);
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
