using System.Diagnostics;

namespace SlabGen.Fuzz.Tests;

/// <summary>The program refuses a bad argument by name, in one line.</summary>
public sealed class ArgumentTests
{
    [Theory]
    [InlineData("'random' is no number of seconds.", "random", "10")]
    [InlineData("'no-such-file' is neither a file nor a number of seconds.", "no-such-file")]
    [InlineData("'-1' is neither a file nor a number of seconds.", "-1")]
    [InlineData("'NaN' is no number of seconds.", "coverage", "NaN")]
    [InlineData("'1.5' is no seed", "0", "1.5")]
    [InlineData("'3' is one argument too many.", "0", "2", "3")]
    public async Task A_bad_argument_is_refused_in_one_line(string message, params string[] arguments)
    {
        string program = Path.ChangeExtension(typeof(World).Assembly.Location, ".dll");
        var start = new ProcessStartInfo("dotnet", ["exec", program, .. arguments]) { RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        string error = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(2, process.ExitCode);
        Assert.Contains(message, error, StringComparison.Ordinal);
        Assert.Single(error.TrimEnd().Split('\n'));
    }
}
