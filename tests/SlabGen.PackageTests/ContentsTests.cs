using System.IO.Compression;
using System.Reflection.Metadata;
using System.Text.RegularExpressions;
using System.Xml.Linq;

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
        Assert.Contains("buildTransitive/net10.0/SlabGen.Links.props", files);
        Assert.Contains("buildTransitive/net10.0/SlabGen.targets", files);
        Assert.Contains("README.md", files);
        Assert.Contains("icon.png", files);
        int compiled = files.Count(f => f == $"runtimes/{Package.Platform}/lib/net10.0/SlabGen.dll");
        Assert.Equal(Package.Platform.Length == 0 ? 0 : 1, compiled);
        Assert.Equal(3 + compiled, files.Count(f => f.EndsWith(".dll", StringComparison.Ordinal)));

        string nuspec = package.Nuspec;
        Assert.Contains("<license type=\"expression\">MIT</license>", nuspec, StringComparison.Ordinal);
        Assert.Contains("<readme>README.md</readme>", nuspec, StringComparison.Ordinal);
        Assert.Contains("<icon>icon.png</icon>", nuspec, StringComparison.Ordinal);
        Assert.Contains("<releaseNotes>", nuspec, StringComparison.Ordinal);
        Assert.DoesNotContain("<dependency ", nuspec, StringComparison.Ordinal);
    }

    /// <summary>The generators' tests hold the file to the public members one by one; here it is the one that was packed.</summary>
    [Fact]
    public void Documentation_names_no_internal_layer()
    {
        using ZipArchive zip = ZipFile.OpenRead(package.File);
        using var reader = new StreamReader(zip.GetEntry("lib/net10.0/SlabGen.xml")!.Open());
        string documentation = reader.ReadToEnd();
        Assert.Contains("\"T:SlabGen.KmemCache\"", documentation, StringComparison.Ordinal);
        Assert.DoesNotMatch(@"name=""[TMPFE]:SlabGen\.(Memory|Zones|Pages|Metadata|Slabs|Magazines|Caches|Reclaim)\.", documentation);
    }

    [Fact]
    public void Every_link_comes_from_one_property_and_leads_to_a_page_of_the_repository()
    {
        string repository = Property("SlabGenRepositoryUrl"), pages = Property("SlabGenPagesUrl").Replace("$(SlabGenRepositoryUrl)", repository, StringComparison.Ordinal);
        string nuspec = package.Nuspec;
        Assert.Contains($"<projectUrl>{repository}</projectUrl>", nuspec, StringComparison.Ordinal);
        Assert.Contains($"<repository type=\"git\" url=\"{repository}\"", nuspec, StringComparison.Ordinal);

        // The readme is the repository's, but for its links.
        string readme = Text("README.md").ReplaceLineEndings("\n");
        string original = System.IO.File.ReadAllText(Path.Combine(Package.RepositoryRoot, "README.md")).ReplaceLineEndings("\n");
        Assert.Equal(original.TrimEnd(), readme.Replace($"]({pages}", "](", StringComparison.Ordinal).TrimEnd());
        string[] links = [.. Regex.Matches(readme, @"\]\(([^)]*)\)").Select(match => match.Groups[1].Value)];
        Assert.NotEmpty(links);
        Assert.All(links, link => Assert.Matches("^(https?://|#)", link));
        Assert.Contains($"HelpLink=\"$(SlabGenPagesUrl)generators/README.md#slab0302\"", Text("buildTransitive/net10.0/SlabGen.targets"), StringComparison.Ordinal);

        // The rules' own links are held to their sections by the generators' tests.
        foreach (string link in links.Where(link => link.StartsWith(pages, StringComparison.Ordinal)))
        {
            string[] parts = link[pages.Length..].Split('#');
            string page = Path.Combine(Package.RepositoryRoot, parts[0]);
            Assert.True(Path.Exists(page), $"{link} leads nowhere");
            Assert.True(parts.Length == 1 || Anchors(page).Contains(parts[1]), $"{link}: the page has no such heading");
        }

        string Property(string name) => XDocument.Parse(Text("buildTransitive/net10.0/SlabGen.Links.props")).Descendants(name).Single().Value;

        string Text(string entry)
        {
            using ZipArchive zip = ZipFile.OpenRead(package.File);
            using var reader = new StreamReader(zip.GetEntry(entry)!.Open());
            return reader.ReadToEnd();
        }

        // As GitHub makes them of headings.
        static string[] Anchors(string page) =>
        [
            .. System.IO.File.ReadLines(page).Where(line => line.StartsWith('#'))
                .Select(line => Regex.Replace(line.TrimStart('#').Trim().ToLowerInvariant(), "[^a-z0-9 _-]", "").Replace(' ', '-')),
        ];
    }

    [Fact]
    public void The_address_is_written_in_one_place() => Assert.Equal(
        [Path.Combine("src", "SlabGen", "buildTransitive", "SlabGen.Links.props")],
        new[] { "src", "generators", "samples", "tests" }
            .SelectMany(folder => Directory.EnumerateFiles(Path.Combine(Package.RepositoryRoot, folder), "*", SearchOption.AllDirectories))
            .Where(file => Path.GetExtension(file) is ".cs" or ".md" or ".props" or ".targets" or ".csproj" && !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
            .Where(file => System.IO.File.ReadAllText(file).Contains("github.com/" + "slabgen", StringComparison.OrdinalIgnoreCase))
            .Select(file => Path.GetRelativePath(Package.RepositoryRoot, file)));

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
