using System.IO.Compression;

namespace SlabGen.PackageTests;

/// <summary>The package holds what it must, and a project that has nothing but it can be built, run, published and warned.</summary>
public sealed class PackageTests(Package package)
{
    /// <summary>What Consumers/App prints: the fault of a null pointer, the sum of 0 to 99,999, nothing live, no slab left, memory given back.</summary>
    private const string Expected = "NullPointer\n4999950000 0 False True 0\nslabinfo - version: 2.1";

    [Fact]
    public void Package_HoldsRuntimeGeneratorFixesAndReadme()
    {
        using ZipArchive zip = ZipFile.OpenRead(package.File);
        string[] files = [.. zip.Entries.Select(e => e.FullName)];
        Assert.Contains("lib/net10.0/SlabGen.dll", files);
        Assert.Contains("lib/net10.0/SlabGen.xml", files);
        Assert.Contains("analyzers/dotnet/cs/SlabGen.Generators.dll", files);
        Assert.Contains("analyzers/dotnet/cs/SlabGen.CodeFixes.dll", files);
        Assert.Contains("README.md", files);
        Assert.Equal(3, files.Count(f => f.EndsWith(".dll", StringComparison.Ordinal)));

        using var nuspec = new StreamReader(zip.Entries.Single(e => e.Name.EndsWith(".nuspec", StringComparison.Ordinal)).Open());
        string text = nuspec.ReadToEnd();
        Assert.Contains("<license type=\"expression\">MIT</license>", text, StringComparison.Ordinal);
        Assert.DoesNotContain("<dependency ", text, StringComparison.Ordinal);
        Assert.True(System.IO.File.Exists(System.IO.Path.ChangeExtension(package.File, ".snupkg")));
    }

    [Fact]
    public void App_RestoredFromThePackage_RunsOnTheJit()
    {
        string app = package.CopyConsumer("App", "jit");
        package.Dotnet(app, "build", "-c", "Release", "-o", "out").MustSucceed();
        CommandResult run = Package.Run("dotnet", app, Path.Combine("out", "App.dll")).MustSucceed();
        Assert.Equal(Expected, run.Output.ReplaceLineEndings("\n").Trim());
    }

    [Fact]
    public void App_PublishedWithNativeAot_Runs()
    {
        string? linker = new[] { "clang", "gcc" }.FirstOrDefault(IsOnPath);
        Assert.SkipUnless(OperatingSystem.IsLinux() && linker is not null, "NativeAOT needs clang or gcc, and this test Linux");
        string app = package.CopyConsumer("App", "aot");
        string[] arguments = ["publish", "-c", "Release", "-o", "out", "--use-current-runtime", "-p:PublishAot=true", "-p:CppCompilerAndLinker=" + linker];
        string ilc = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        CommandResult publish = package.Dotnet(app, [.. arguments, .. Directory.Exists(ilc) ? new[] { "-p:RestoreFallbackFolders=" + ilc } : []]);
        Assert.SkipWhen(publish.ExitCode != 0 && publish.Output.Contains("NU1101: Unable to find package", StringComparison.Ordinal), "the feed has no ILCompiler");
        publish.MustSucceed();
        Assert.DoesNotContain("warning IL", publish.Output, StringComparison.Ordinal);

        CommandResult run = Package.Run(Path.Combine(app, "out", "App"), app).MustSucceed();
        Assert.Equal(Expected, run.Output.ReplaceLineEndings("\n").Trim());
    }

    [Fact]
    public void Misuse_IsNamedByTheAnalyzersInThePackage()
    {
        string misuse = package.CopyConsumer("Misuse", "misuse");
        CommandResult build = package.Dotnet(misuse, "build");
        Assert.NotEqual(0, build.ExitCode);
        Assert.Contains("error SLAB0001", build.Output, StringComparison.Ordinal);
        Assert.Contains("'Name'", build.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("error CS", build.Output, StringComparison.Ordinal); // no broken generated code
    }

    private static bool IsOnPath(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => System.IO.File.Exists(Path.Combine(folder, program)));
}
