namespace SlabGen.Benchmarks.Tests;

public class BadArgumentsTests
{
    [Fact]
    public void An_unknown_command_shows_the_usage()
    {
        (int exitCode, _, string error) = BenchmarkProgram.Run("no-such-command");
        Assert.Equal(2, exitCode);
        Assert.Contains("Usage:", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("no-equals-sign")]
    [InlineData("name=only.so:alloc")]
    [InlineData("=path.so:alloc:free")]
    [InlineData("name=path.so::free")]
    public void A_peer_that_makes_no_sense_is_refused(string peer)
    {
        (int exitCode, _, string error) = BenchmarkProgram.Run("ratios", "--only", "none", "--peer", peer);
        Assert.Equal(2, exitCode);
        Assert.Contains($"'{peer}' is no peer", error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_peer_that_is_not_there_is_named_as_absent()
    {
        (int exitCode, string output, string error) = BenchmarkProgram.Run("ratios", "--only", "none", "--peer", "ghost=/nowhere/libghost.so:g_alloc:g_free");
        Assert.True(exitCode == 0, error);
        Assert.Contains("ghost is absent: /nowhere/libghost.so cannot be loaded.", output, StringComparison.Ordinal);
    }
}
