namespace SlabGen.PackageTests;

/// <summary>Programs as users write them in the first days, built together: a bounded cache, and a web endpoint that awaits while it has an object. Each runs as it was built, and checked.</summary>
public sealed class ProgramsTests(Package package)
{
    /// <summary>What Programs/Lru prints: 1000 entries, the first still there, the second not, nor the 4001st; its fault; the keys from both ends; all freed at once.</summary>
    private const string ExpectedOfLru = "1000 True 1000 False False 5001\nStaleHandle\n4495500 4495500 1000 False 0";

    /// <summary>What Programs/Web prints: an answer, that of a struct itself, 200 right ones, a failure, and nothing live.</summary>
    private const string ExpectedOfWeb = """
        {"id":7,"total":210}
        {}
        200
        500
        0 True
        """;

    [Fact]
    public void A_bounded_cache_and_a_web_endpoint_with_an_await()
    {
        string folder = package.CopyConsumer("Programs", "programs");
        package.Dotnet(folder, "build", "-c", "Release", "Programs.slnx").MustSucceed();
        foreach (string? debug in new[] { null, "1" })
        {
            Assert.Equal(ExpectedOfLru, Run("Lru", debug));
            Assert.Equal(ExpectedOfWeb.ReplaceLineEndings("\n"), Run("Web", debug));
        }

        string Run(string program, string? debug) => Package
            .Run("dotnet", Path.Combine(folder, program), ("SLABGEN_DEBUG", debug), Path.Combine("bin", "Release", "net10.0", $"{program}.dll"))
            .MustSucceed().Output.ReplaceLineEndings("\n").Trim();
    }
}
