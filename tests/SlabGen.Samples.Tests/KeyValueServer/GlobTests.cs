using System.Diagnostics;
using System.Text;
using KeyValueServer.Commands;

namespace SlabGen.Samples.Tests.KeyValueServer;

public sealed class GlobTests
{
    [Theory]
    [InlineData("*", "", true)]
    [InlineData("h?llo", "hello", true)]
    [InlineData("h?llo", "hllo", false)]
    [InlineData("a*c*e", "abcde", true)]
    [InlineData("a*c*e", "abcd", false)]
    [InlineData("h[ae]llo", "hallo", true)]
    [InlineData("h[^e]llo", "hello", false)]
    [InlineData("h[a-c]llo", "hbllo", true)]
    [InlineData("h[c-a]llo", "hbllo", true)]
    [InlineData("a\\*b", "a*b", true)]
    [InlineData("a\\*b", "axb", false)]
    [InlineData("[", "[", false)]
    [InlineData("[a", "a", true)]
    [InlineData("\\", "\\", true)]
    [InlineData("", "", true)]
    [InlineData("", "a", false)]
    public void Patterns(string pattern, string text, bool matches) =>
        Assert.Equal(matches, Glob.Matches(Encoding.ASCII.GetBytes(pattern), Encoding.ASCII.GetBytes(text)));

    [Fact]
    public void Many_stars_cost_no_exponential_time()
    {
        byte[] pattern = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("*a", 50)) + "b");
        long start = Stopwatch.GetTimestamp();
        Assert.False(Glob.Matches(pattern, Encoding.ASCII.GetBytes(new string('a', 10_000))));
        Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(30));
    }
}
