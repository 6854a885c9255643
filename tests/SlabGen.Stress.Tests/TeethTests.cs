namespace SlabGen.Stress.Tests;

/// <summary>The stress fails where it should: each kind of failure, made on purpose, ends it with a message and another exit code.</summary>
public sealed class TeethTests
{
    [Theory]
    [InlineData("broken-stamp", 600, "WRONG STAMP")]
    [InlineData("broken-exception", 600, "FormatException")]
    [InlineData("broken-leak", 600, "Everything was freed, and yet")]
    [InlineData("broken-hang", 3, "HANG: no step in 3 s by ", "broken-hang worker")]
    public async Task What_is_broken_is_told(string scenario, int hangSeconds, params string[] messages)
    {
        (int exitCode, string tail) = await RunAsync("--seed", "5", "--seconds", "1", "--round-seconds", "1", "--hang-seconds", $"{hangSeconds}", "--only", scenario);
        Assert.True(exitCode == 1, $"exit code {exitCode}{Environment.NewLine}{tail}");
        Assert.All(messages, message => Assert.Contains(message, tail, StringComparison.Ordinal));
        Assert.Contains("Repeat this round with: --seed 5 ", tail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_background_thread_that_ends_the_process_is_seen()
    {
        (int exitCode, string tail) = await RunAsync("--seed", "5", "--seconds", "1", "--only", "broken-thread");
        Assert.NotInRange(exitCode, 0, 2);
        Assert.Contains("UNHANDLED, the process dies. Repeat this round with: --seed 5 ", tail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--only", "no-such-scenario")]
    [InlineData("--threads", "5..2")]
    [InlineData("--seconds")]
    public async Task A_bad_argument_shows_the_usage(params string[] arguments)
    {
        (int exitCode, string tail) = await RunAsync(arguments);
        Assert.Equal(2, exitCode);
        Assert.Contains("usage:", tail, StringComparison.Ordinal);
    }

    private static Task<(int ExitCode, string Tail)> RunAsync(params string[] arguments) => StressProgram.RunAsync([], TimeSpan.FromMinutes(10), arguments);
}
