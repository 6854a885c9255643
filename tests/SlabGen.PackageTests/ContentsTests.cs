using System.IO.Compression;
using System.Reflection.Metadata;

namespace SlabGen.PackageTests;

/// <summary>The package holds what it must and nothing else, and its symbols every source.</summary>
public sealed class ContentsTests(Package package)
{
    // The portable PDB's kind of custom debug information for a source that is embedded.
    private static readonly Guid s_embeddedSource = new("0E8A571B-6926-466E-B4AD-8AB04611F5FE");

    [Fact]
    public void Package_holds_runtime_generator_fixes_and_what_goes_with_them()
    {
        using ZipArchive zip = ZipFile.OpenRead(package.File);
        string[] files = [.. zip.Entries.Select(e => e.FullName)];
        Assert.Contains("lib/net10.0/SlabGen.dll", files);
        Assert.Contains("lib/net10.0/SlabGen.xml", files);
        Assert.Contains("analyzers/dotnet/cs/SlabGen.Generators.dll", files);
        Assert.Contains("analyzers/dotnet/cs/SlabGen.CodeFixes.dll", files);
        Assert.Contains("buildTransitive/net10.0/SlabGen.props", files);
        Assert.Contains("buildTransitive/net10.0/SlabGen.targets", files);
        Assert.Contains("README.md", files);
        Assert.Contains("icon.png", files);
        Assert.Equal(3, files.Count(f => f.EndsWith(".dll", StringComparison.Ordinal)));

        string nuspec = package.Nuspec;
        Assert.Contains("<license type=\"expression\">MIT</license>", nuspec, StringComparison.Ordinal);
        Assert.Contains("<readme>README.md</readme>", nuspec, StringComparison.Ordinal);
        Assert.Contains("<icon>icon.png</icon>", nuspec, StringComparison.Ordinal);
        Assert.Contains("<releaseNotes>", nuspec, StringComparison.Ordinal);
        Assert.DoesNotContain("<dependency ", nuspec, StringComparison.Ordinal);
    }

    [Fact]
    public void Symbols_hold_every_source_and_no_path_of_this_machine()
    {
        using ZipArchive zip = ZipFile.OpenRead(System.IO.Path.ChangeExtension(package.File, ".snupkg"));
        using var pdb = new MemoryStream();
        using (Stream entry = zip.GetEntry("lib/net10.0/SlabGen.pdb")!.Open())
        {
            entry.CopyTo(pdb);
        }

        pdb.Position = 0;
        using MetadataReaderProvider provider = MetadataReaderProvider.FromPortablePdbStream(pdb);
        MetadataReader reader = provider.GetMetadataReader();
        Assert.Contains(reader.Documents, document => NameOf(document).EndsWith("/src/SlabGen/SlabRuntime.cs", StringComparison.Ordinal));
        Assert.All(reader.Documents, document =>
        {
            Assert.StartsWith("/_/", NameOf(document), StringComparison.Ordinal);
            Assert.Contains(reader.GetCustomDebugInformation(document), info =>
                reader.GetGuid(reader.GetCustomDebugInformation(info).Kind) == s_embeddedSource);
        });

        string NameOf(DocumentHandle document) => reader.GetString(reader.GetDocument(document).Name);
    }
}
