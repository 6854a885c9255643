namespace SlabGen.Stress.Tests;

/// <summary>The stress fails where it should: each kind of failure, made on purpose, ends it with a message and another exit code.</summary>
public sealed class TeethTests
{
    [Theory]
    [InlineData("broken-stamp", 1, "WRONG STAMP")]
    [InlineData("broken-exception", 1, "FormatException")]
    [InlineData("broken-leak", 1, "Everything was freed, and yet")]
    [InlineData("broken-hang", 1, "HANG: no step in 2 s by broken-hang worker")]
    public async Task What_is_broken_is_told(string scenario, int expected, string message)
    {
        (int exitCode, string tail) = await RunAsync("--seed", "5", "--seconds", "1", "--round-seconds", "1", "--hang-seconds", "2", "--only", scenario);
        Assert.Equal(expected, exitCode);
        Assert.Contains(message, tail, StringComparison.Ordinal);
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

    private static Task<(int ExitCode, string Tail)> RunAsync(params string[] arguments) => StressProgram.RunAsync([], TimeSpan.FromMinutes(2), arguments);
}
