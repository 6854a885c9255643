using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace SlabGen.PackageTests;

/// <summary>Libraries with caches, and their consumers: each gets the generator or not as it chooses, and their caches live side by side in one process.</summary>
public sealed class LibrariesTests(Package package)
{
    private const string Expected =
        """
        7
        9
        11 0
        Ticket Ticket False 5
        WrongCache
        DoubleFree
        0 0

        """;

    [Fact]
    public void Consumers_choose_and_caches_of_two_assemblies_share_a_process()
    {
        string folder = package.CopyConsumer("Libraries", "libraries");
        package.Dotnet(folder, "build").MustSucceed();

        // Host has the generator through the library, and Declined would be refused by an analyzer (SLAB0001) if it had any.
        Assert.True(Declares("Host", "TicketCache"));
        Assert.False(Declares("Declined", "PointCache"));

        CommandResult run = Package.Run("dotnet", folder, Output("Host")).MustSucceed();
        Assert.Equal(Expected.ReplaceLineEndings("\n"), run.Output.ReplaceLineEndings("\n"));

        string Output(string project) => Path.Combine(folder, project, "bin", "Debug", "net10.0", project + ".dll");

        bool Declares(string project, string type)
        {
            using var pe = new PEReader(System.IO.File.OpenRead(Output(project)));
            MetadataReader reader = pe.GetMetadataReader();
            return reader.TypeDefinitions.Any(definition => reader.StringComparer.Equals(reader.GetTypeDefinition(definition).Name, type));
        }
    }
}
