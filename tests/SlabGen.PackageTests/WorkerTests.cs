using System.IO.Compression;

namespace SlabGen.PackageTests;

/// <summary>A worker whose container owns the runtime: an orderly end with a live object is reported, and is no crash.</summary>
public sealed class WorkerTests(Package package)
{
    [Fact]
    public void A_worker_that_leaves_an_object_live_ends_with_exit_code_0()
    {
        string artifacts = Path.Combine(Path.GetDirectoryName(package.Feed)!, "artifacts-injection");
        Package.Run(
            "dotnet", Package.RepositoryRoot, "pack", Path.Combine("src", "SlabGen.Extensions.DependencyInjection"), "-c", "Release", "-o", package.Feed,
            $"-p:Version={package.Version}", "-p:ArtifactsPath=" + artifacts).MustSucceed();
        using (ZipArchive zip = ZipFile.OpenRead(Path.Combine(package.Feed, $"SlabGen.Extensions.DependencyInjection.{package.Version}.nupkg")))
        {
            using var reader = new StreamReader(zip.GetEntry("SlabGen.Extensions.DependencyInjection.nuspec")!.Open());
            string[] dependencies = [.. reader.ReadToEnd().Split("<dependency id=\"").Skip(1).Select(text => text.Split('"')[0]).Order(StringComparer.Ordinal)];
            Assert.Equal(["Microsoft.Extensions.DependencyInjection.Abstractions", "SlabGen"], dependencies);
        }

        string app = package.CopyConsumer("Worker", "worker");
        package.Dotnet(app, "build", "-c", "Release", "-o", "out").MustSucceed();
        CommandResult run = Package.Run("dotnet", app, Path.Combine("out", "Worker.dll")).MustSucceed();
        Assert.Equal($"{96 << 20} 7 1\norders: 1\nstopped", run.Output.ReplaceLineEndings("\n").Trim());
    }
}
