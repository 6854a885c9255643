namespace SlabGen.TraceReplay.Tests;

/// <summary>A wrong command line: exit code 2 and one line that quotes what is wrong.</summary>
public class BadOptionsAreRefused
{
    [Theory]
    [InlineData("'--fast'", "--fast")]
    [InlineData("'jemalloc'", "--allocator", "jemalloc")]
    [InlineData("--allocator needs a value", "--json", "--allocator")]
    [InlineData("one file at a time", "a.trace.gz", "b.trace.gz")]
    [InlineData("is empty", "")]
    public async Task Wrong(string problem, params string[] arguments)
    {
        ReplayResult result = await ReplayProgram.RunAsync(arguments);

        Assert.Equal((2, ""), (result.ExitCode, result.Output));
        Assert.Contains(problem, result.SingleErrorLine(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Help_names_every_option()
    {
        ReplayResult result = await ReplayProgram.RunAsync("--help");

        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.All(["--allocator", "--json", "--help"], option => Assert.Contains(option, result.Output, StringComparison.Ordinal));
    }
}
