using System.IO.Compression;

namespace SlabGen.PackageTests;

/// <summary>The package of collections depends on SlabGen alone, and its readme's program runs from it.</summary>
public sealed class CollectionsTests(Package package)
{
    [Fact]
    public void A_program_uses_the_collections_from_their_package()
    {
        string artifacts = Path.Combine(Path.GetDirectoryName(package.Feed)!, "artifacts-collections");
        Package.Run(
            "dotnet", Package.RepositoryRoot, "pack", Path.Combine("src", "SlabGen.Collections"), "-c", "Release", "-o", package.Feed,
            $"-p:Version={package.Version}", "-p:ArtifactsPath=" + artifacts).MustSucceed();
        using (ZipArchive zip = ZipFile.OpenRead(Path.Combine(package.Feed, $"SlabGen.Collections.{package.Version}.nupkg")))
        {
            using var reader = new StreamReader(zip.GetEntry("SlabGen.Collections.nuspec")!.Open());
            string[] dependencies = [.. reader.ReadToEnd().Split("<dependency id=\"").Skip(1).Select(text => text.Split('"')[0])];
            Assert.Equal(["SlabGen"], dependencies);
        }

        string app = package.CopyConsumer("Collections", "collections");
        package.Dotnet(app, "build", "-c", "Release", "-o", "out").MustSucceed();
        CommandResult run = Package.Run("dotnet", app, Path.Combine("out", "Collections.dll")).MustSucceed();
        Assert.Equal("19.99 5 False\n1 False\nTrue True 3\nTrue", run.Output.ReplaceLineEndings("\n").Trim());
    }
}
