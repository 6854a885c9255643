namespace SlabGen.Samples.Tests.KeyValueServer;

/// <summary>A wrong command line: exit code 2 and one line that quotes what is wrong.</summary>
public sealed class ServerProgramRefuses
{
    private readonly SampleProgram _program = new("KeyValueServer");

    [Theory]
    [InlineData("unknown option '--fast'", "--fast")]
    [InlineData("--port needs a value", "--port")]
    [InlineData("--port '65536' is not a number from 0 to 65,535", "--port", "65536")]
    [InlineData("--bind 'localhost' is not an IP address", "--bind", "localhost")]
    [InlineData("--maxmemory '1tb' is not a number of at least 0 bytes", "--maxmemory", "1tb")]
    [InlineData("--maxmemory '9999999999gb' is not", "--maxmemory", "9999999999gb")]
    [InlineData("--maxmemory-policy 'lfu' is neither", "--maxmemory-policy", "lfu")]
    [InlineData("--memory-limit '1' is not a number of at least 4,194,304", "--memory-limit", "1")]
    [InlineData("--keys '5' is not a number from 1,000", "--compare", "--keys", "5")]
    [InlineData("--gc serves over objects", "--gc", "--compare")]
    [InlineData("--svg needs --compare", "--svg", "a.svg")]
    [InlineData("--json needs --compare", "--json")]
    [InlineData("--readme 'no/such/file.md' cannot be read", "--compare", "--readme", "no/such/file.md")]
    public async Task Wrong(string problem, params string[] arguments)
    {
        ProgramResult result = await _program.RunAsync(arguments);

        Assert.Equal((2, ""), (result.ExitCode, result.Output));
        Assert.Contains(problem, result.SingleErrorLine(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Help_names_every_option()
    {
        ProgramResult result = await _program.RunAsync("--help");

        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.All(
            ["--gc", "--port", "--bind", "--maxmemory", "--maxmemory-policy", "--maxclients", "--longest-command", "--client-buffers", "--memory-limit",
                "--reap-interval", "--io-threads", "--compare", "--keys", "--seconds", "--rounds", "--json", "--svg", "--readme", "--help"],
            option => Assert.Contains($"  {option} ", result.Output, StringComparison.Ordinal));
    }
}
