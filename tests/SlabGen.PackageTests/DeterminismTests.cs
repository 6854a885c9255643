using System.IO.Compression;
using System.Text.RegularExpressions;

namespace SlabGen.PackageTests;

/// <summary>The same sources give the same bytes, in whichever folder they are built.</summary>
public sealed class DeterminismTests(Package package)
{
    [Fact]
    public void A_copy_of_the_sources_gives_the_same_runtime_and_generators()
    {
        string copy = package.CopySources();
        string commit = Regex.Match(package.Nuspec, "commit=\"([0-9a-f]+)\"").Groups[1].Value; // the copy is no repository
        Package.Run("dotnet", copy, "build", Path.Combine("src", "SlabGen"), "-c", "Release", $"-p:Version={package.Version}", $"-p:SourceRevisionId={commit}").MustSucceed();

        using ZipArchive zip = ZipFile.OpenRead(package.File);
        ZipArchiveEntry[] assemblies = [.. zip.Entries.Where(entry => entry.Name.EndsWith(".dll", StringComparison.Ordinal) && !entry.FullName.StartsWith("runtimes/", StringComparison.Ordinal))];
        Assert.Equal(["SlabGen.CodeFixes.dll", "SlabGen.Generators.dll", "SlabGen.dll"], assemblies.Select(entry => entry.Name).Order(StringComparer.Ordinal));
        Assert.All(assemblies, entry =>
        {
            using var packed = new MemoryStream();
            using (Stream stream = entry.Open())
            {
                stream.CopyTo(packed);
            }

            string name = Path.GetFileNameWithoutExtension(entry.Name);
            byte[] built = System.IO.File.ReadAllBytes(Path.Combine(copy, ".artifacts", "bin", name, "release", entry.Name));
            Assert.True(packed.ToArray().AsSpan().SequenceEqual(built), $"{entry.Name} differs");
        });
    }
}
