using System.IO.Compression;

namespace SlabGen.PackageTests;

/// <summary>A web server whose Kestrel runs on slabs, by one package and the shared framework.</summary>
public sealed class WebTests(Package package)
{
    [Fact]
    public void A_web_server_needs_one_package()
    {
        string artifacts = Path.Combine(Path.GetDirectoryName(package.Feed)!, "artifacts-web");
        Package.Run(
            "dotnet", Package.RepositoryRoot, "pack", Path.Combine("src", "SlabGen.AspNetCore"), "-c", "Release", "-o", package.Feed,
            $"-p:Version={package.Version}", "-p:ArtifactsPath=" + artifacts).MustSucceed();
        using (ZipArchive zip = ZipFile.OpenRead(Path.Combine(package.Feed, $"SlabGen.AspNetCore.{package.Version}.nupkg")))
        {
            using var reader = new StreamReader(zip.GetEntry("SlabGen.AspNetCore.nuspec")!.Open());
            string nuspec = reader.ReadToEnd();
            Assert.Equal(["SlabGen"], nuspec.Split("<dependency id=\"").Skip(1).Select(text => text.Split('"')[0]));
            Assert.Equal(["Microsoft.AspNetCore.App"], nuspec.Split("<frameworkReference name=\"").Skip(1).Select(text => text.Split('"')[0]));
        }

        string app = package.CopyConsumer("Web", "web");
        package.Dotnet(app, "build", "-c", "Release", "-o", "out").MustSucceed();
        CommandResult run = Package.Run("dotnet", app, Path.Combine("out", "Web.dll")).MustSucceed();
        Assert.Equal("100000 True", run.Output.Trim());
    }
}
