namespace SlabGen.Tests.Guards;

/// <summary>What SLABGEN_GUARD says, and which options are refused.</summary>
public sealed class GuardVariableTests
{
    [Theory]
    [InlineData(null, -1)]
    [InlineData("", -1)]
    [InlineData("off", -1)]
    [InlineData("0", -1)]
    [InlineData(" - ", -1)]
    [InlineData("on", 100)]
    [InlineData("1", 100)]
    [InlineData("Yes", 100)]
    [InlineData("0ms", 0)]
    [InlineData("250ms", 250)]
    [InlineData("2S", 2000)]
    [InlineData("60m", 3_600_000)]
    public void It_turns_guards_on_or_off_or_says_nothing(string? text, int milliseconds) =>
        Assert.Equal(milliseconds, (int?)GuardVariable.Parse(text)?.Interval.TotalMilliseconds ?? -1);

    [Theory]
    [InlineData("2")]
    [InlineData("onn")]
    [InlineData("-1s")]
    [InlineData("61m")]
    [InlineData("infinite")]
    [InlineData("ms")]
    public void Another_word_is_refused_and_the_message_names_it_and_those_that_may_be(string text)
    {
        InvalidOperationException e = Assert.Throws<InvalidOperationException>(() => GuardVariable.Parse(text));
        Assert.Equal($"The environment variable SLABGEN_GUARD is '{text}'. It must be on, off, or the interval: a number with ms, s or m, as 100ms, at most 1 hour.", e.Message);
    }

    [Theory]
    [InlineData(-1, 1, "Interval")]
    [InlineData(3_600_001, 1, "Interval")]
    [InlineData(100, 0, "MaxObjects")]
    public void Options_out_of_their_range_are_refused(int milliseconds, int objects, string name)
    {
        var options = new SlabRuntimeOptions { GuardSampling = new GuardSampling { Interval = TimeSpan.FromMilliseconds(milliseconds), MaxObjects = objects } };
        ArgumentOutOfRangeException e = Assert.Throws<ArgumentOutOfRangeException>(() => new SlabRuntime(options));
        Assert.Equal(name, e.ParamName);
        Assert.Contains("GuardSampling." + name, e.Message, StringComparison.Ordinal);
    }
}
