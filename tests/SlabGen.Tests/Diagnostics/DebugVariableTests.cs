using SlabGen.Slabs;

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
    public void It_turns_checks_on_or_off_or_says_nothing(string? text, bool? expected) => Assert.Equal(expected, DebugVariable.Parse(text));

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
