using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace SlabGen.Samples.Tests.Misuse;

/// <summary>Each mistake in each mode is found when the README says, and the program says what is wrong with its arguments.</summary>
public sealed partial class MisuseProgram
{
    private readonly SampleProgram _program = new("Misuse");

    private static bool HasGuards => OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture is Architecture.X64 or Architecture.Arm64;

    [Fact]
    public async Task Each_mistake_is_found_when_the_README_says()
    {
        ProgramResult result = await _program.RunAsync();

        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        string[] rows = Rows(result.Output.Split('\n'));
        Assert.Equal(10, rows.Length); // the head, the line below it, and eight mistakes
        string readme = Path.Combine(AppContext.BaseDirectory, "Misuse.README.md");
        string[] written = Rows(await File.ReadAllLinesAsync(readme, TestContext.Current.CancellationToken));
        Assert.Equal(HasGuards ? written : WithoutGuards(written), HasGuards ? rows : WithoutGuards(rows));
    }

    [Theory]
    [InlineData("double-free", "default", "was freed twice", "when magazines are emptied")]
    [InlineData("double-free", "checked", "was freed twice", "at the call")]
    [InlineData("double-free", "checked", "BUG orders: ", "at the call")]
    [InlineData("wrong-cache", "checked", "belongs to another cache", "at the call")]
    [InlineData("interior", "checked", "not the start of an object", "at the call")]
    [InlineData("overflow", "default", "has the number 255", "not found")]
    [InlineData("write-after-free", "default", "has the price 666", "not found")]
    [InlineData("read-after-free", "default", "the price is 666", "not found")]
    [InlineData("leak", "default", "still has 1 object", "at the end")]
    [InlineData("stale-handle", "default", "refers to no object", "at the call")]
    public async Task A_mistake_is_shown_with_what_came_of_it(string mistake, string mode, string words, string when)
    {
        ProgramResult result = await _program.RunAsync(mistake, mode);

        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.Contains(words, result.Output, StringComparison.Ordinal);
        Assert.EndsWith($"=> {when}", result.Output.TrimEnd(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("triple-free")]
    [InlineData("leak", "loud")]
    [InlineData("leak", "default", "more")]
    public async Task Other_arguments_are_named_with_what_there_is(params string[] arguments)
    {
        ProgramResult result = await _program.RunAsync(arguments);

        Assert.Equal((2, ""), (result.ExitCode, result.Output));
        string line = result.SingleErrorLine();
        Assert.Contains($"'{string.Join(' ', arguments)}'", line, StringComparison.Ordinal);
        Assert.Contains("double-free", line, StringComparison.Ordinal);
    }

    private static string[] Rows(string[] lines) => [.. lines.Select(line => line.TrimEnd()).Where(line => line.StartsWith('|'))];

    private static string[] WithoutGuards(string[] rows) => [.. rows.Select(row => LastCell().Replace(row, "|"))];

    [GeneratedRegex(@"\|[^|]*\|$")]
    private static partial Regex LastCell();
}
