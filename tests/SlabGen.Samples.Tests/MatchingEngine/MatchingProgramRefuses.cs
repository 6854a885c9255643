namespace SlabGen.Samples.Tests.MatchingEngine;

/// <summary>A wrong command line: exit code 2 and one line that quotes what is wrong.</summary>
public class MatchingProgramRefuses
{
    private readonly SampleProgram _program = new("MatchingEngine");

    [Theory]
    [InlineData("unknown option '--fast'", "--fast")]
    [InlineData("unknown option ''", "")]
    [InlineData("--messages needs a value", "--json", "--messages")]
    [InlineData("--messages 'many' is not a number from 1 to 1,000,000,000", "--messages", "many")]
    [InlineData("--messages '0' is not", "--messages", "0")]
    [InlineData("--messages '99999999999999999999' is not", "--messages", "99999999999999999999")]
    [InlineData("--resting '-1' is not a number from 1 to 40,000,000", "--resting", "-1")]
    [InlineData("--resting 11 is more than --messages 10", "--messages", "10", "--resting", "11")]
    [InlineData("--seed '1.5' is not a number from 0 to 2,147,483,647", "--seed", "1.5")]
    [InlineData("--check or --compare, not both", "--check", "--compare")]
    [InlineData("--gc measures one engine", "--gc", "--compare")]
    [InlineData("--svg needs --compare", "--svg", "a.svg")]
    [InlineData("--readme needs --compare", "--gc", "--readme", "a.md")]
    [InlineData("--json does not go with --check", "--check", "--json")]
    [InlineData("--readme 'no/such/file.md' cannot be read", "--compare", "--readme", "no/such/file.md")]
    public async Task Wrong(string problem, params string[] arguments)
    {
        ProgramResult result = await _program.RunAsync(arguments);

        Assert.Equal((2, ""), (result.ExitCode, result.Output));
        Assert.Contains(problem, result.SingleErrorLine(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_readme_without_marks_is_refused_before_anything_is_measured()
    {
        string file = Path.GetTempFileName();
        try
        {
            ProgramResult result = await _program.RunAsync("--compare", "--readme", file);

            Assert.Equal((2, ""), (result.ExitCode, result.Output));
            Assert.Contains("lacks the line '<!-- written by --compare --readme: begin -->'", result.SingleErrorLine(), StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task Help_names_every_option()
    {
        ProgramResult result = await _program.RunAsync("--help");

        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.All(
            ["--gc", "--check", "--compare", "--messages", "--resting", "--seed", "--json", "--svg", "--readme", "--help"],
            option => Assert.Contains(option, result.Output, StringComparison.Ordinal));
    }
}
