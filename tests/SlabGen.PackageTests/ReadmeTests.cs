using System.Text.RegularExpressions;

namespace SlabGen.PackageTests;

/// <summary>The README's sample compiles against the package and prints what the README says.</summary>
public sealed partial class ReadmeTests(Package package)
{
    private static string Readme => System.IO.File.ReadAllText(Path.Combine(Package.RepositoryRoot, "README.md")).ReplaceLineEndings("\n");

    [Fact]
    public void Sample_CompilesAndPrintsWhatTheReadmeSays()
    {
        Match sample = Sample().Match(Readme);
        Assert.True(sample.Success, "README.md has no csharp block followed by what it prints");

        string app = package.CopyConsumer("App", "readme");
        System.IO.File.WriteAllText(Path.Combine(app, "Program.cs"), sample.Groups["code"].Value);
        package.Dotnet(app, "build", "-c", "Release", "-o", "out").MustSucceed();
        CommandResult run = Package.Run("dotnet", app, Path.Combine("out", "App.dll")).MustSucceed();
        Assert.Equal(sample.Groups["output"].Value, run.Output.ReplaceLineEndings("\n"));
    }

    [Fact]
    public void Readme_StaysShort() =>
        Assert.InRange(System.IO.File.ReadAllLines(Path.Combine(Package.RepositoryRoot, "README.md")).Length, 1, 140);

    /// <summary>A sample for thirty seconds: what a user writes, and no mistake that is made on purpose.</summary>
    [Fact]
    public void Its_sample_is_short()
    {
        string code = Sample().Match(Readme).Groups["code"].Value;
        Assert.InRange(code.TrimEnd('\n').Split('\n').Length, 5, 12);
        Assert.DoesNotContain("#pragma", code, StringComparison.Ordinal);
        Assert.DoesNotContain("catch", code, StringComparison.Ordinal);
    }

    [Fact]
    public void A_newcomers_two_commands_are_those_that_the_build_runs()
    {
        string[] commands = TryIt().Match(Readme).Groups["commands"].Value.TrimEnd('\n').Split('\n');
        Assert.Equal(2, commands.Length);
        string[] run = System.IO.File.ReadAllLines(Path.Combine(Package.RepositoryRoot, ".ci", "run"));
        int first = Array.IndexOf(run, commands[0]);
        Assert.True(first >= 0, $".ci/run does not run '{commands[0]}'");
        Assert.Contains(run[(first + 1)..], line => line == commands[1] || line.StartsWith(commands[1] + " 2>&1 |", StringComparison.Ordinal));
    }

    [GeneratedRegex("## Try it\n.*?```\n(?<commands>.*?)```", RegexOptions.Singleline)]
    private static partial Regex TryIt();

    [GeneratedRegex("```csharp\n(?<code>.*?)```\n\nIt prints:\n\n```\n(?<output>.*?)```", RegexOptions.Singleline)]
    private static partial Regex Sample();
}
