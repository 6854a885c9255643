using System.Text.RegularExpressions;

namespace SlabGen.PackageTests;

/// <summary>The README's sample compiles against the package and prints what the README says.</summary>
public sealed partial class ReadmeTests(Package package)
{
    [Fact]
    public void Sample_CompilesAndPrintsWhatTheReadmeSays()
    {
        string readme = System.IO.File.ReadAllText(Path.Combine(Package.RepositoryRoot, "README.md")).ReplaceLineEndings("\n");
        Match sample = Sample().Match(readme);
        Assert.True(sample.Success, "README.md has no csharp block followed by what it prints");

        string app = package.CopyConsumer("App", "readme");
        System.IO.File.WriteAllText(Path.Combine(app, "Program.cs"), sample.Groups["code"].Value);
        package.Dotnet(app, "build", "-c", "Unmap", "-o", "out").MustSucceed();
        CommandResult run = Package.Run("dotnet", app, Path.Combine("out", "App.dll")).MustSucceed();
        Assert.Equal(sample.Groups["output"].Value, run.Output.ReplaceLineEndings("\n"));
    }

    [Fact]
    public void Readme_StaysShort() =>
        Assert.InRange(System.IO.File.ReadAllLines(Path.Combine(Package.RepositoryRoot, "README.md")).Length, 1, 199);

    [GeneratedRegex("```csharp\n(?<code>.*?)```\n\nIt prints:\n\n```\n(?<output>.*?)```", RegexOptions.Singleline)]
    private static partial Regex Sample();
}
