using System.Text;
using KeyValueServer.Protocol;

namespace SlabGen.Samples.Tests.KeyValueServer;

/// <summary>What is a command, however it comes.</summary>
public sealed class ParserTests
{
    [Fact]
    public void Pieces_of_any_length_are_the_same_commands()
    {
        byte[] bytes = Encoding.ASCII.GetBytes("*3\r\n$3\r\nSET\r\n$1\r\na\r\n$0\r\n\r\nPING\r\n*0\r\n\r\n  GET   a \r\n*1\r\n$4\r\nQU\r\n\r\n*2\r\n$3\r\nTTL\r\n$1\r\nb\r\n");
        string[] expected = ["SET|a|", "PING", "", "", "GET|a", "QU\r\n", "TTL|b"];
        for (int piece = 1; piece <= bytes.Length; piece++)
        {
            Assert.Equal(expected, ParseInPieces(bytes, piece));
        }
    }

    [Theory]
    [InlineData("*x\r\n", "invalid multibulk length")]
    [InlineData("*1048577\r\n", "1,048,577 is more than 1,048,576")]
    [InlineData("*99999999999999999999999999999999999", "invalid multibulk length")]
    [InlineData("*1\n", "invalid multibulk length")]
    [InlineData("*1\r\nPING\r\n", "expected '$', got 'P'")]
    [InlineData("*1\r\n\u0001", "expected '$', got '\\x01'")]
    [InlineData("*1\r\n$-1\r\n", "invalid bulk length")]
    [InlineData("*1\r\n$1001\r\n", "1,001 is more than 1,000")]
    [InlineData("*2\r\n$900\r\n", null)]
    [InlineData("*1\r\n$4\r\nPINGxx", "not followed by CRLF")]
    public void Malformed(string text, string? problem)
    {
        var parser = new CommandParser(1000);
        ParseState state = parser.Parse(Encoding.Latin1.GetBytes(text));
        Assert.Equal(problem is null ? ParseState.Incomplete : ParseState.Malformed, state);
        Assert.Contains(problem ?? "", parser.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_command_of_many_arguments_is_limited_by_its_bytes()
    {
        byte[] bytes = Encoding.ASCII.GetBytes("*1000\r\n" + string.Concat(Enumerable.Repeat("$1\r\nx\r\n", 1000)));
        Assert.Equal(ParseState.Malformed, new CommandParser(1000).Parse(bytes));
        var parser = new CommandParser(10_000);
        Assert.Equal(ParseState.Complete, parser.Parse(bytes));
        Assert.Equal((1000, bytes.Length), (parser.Count, parser.Length));
    }

    [Fact]
    public void A_line_without_end_is_malformed()
    {
        var parser = new CommandParser(1 << 20);
        Assert.Equal(ParseState.Incomplete, parser.Parse(new byte[64 * 1024]));
        Assert.Equal(ParseState.Malformed, parser.Parse(new byte[(64 * 1024) + 1]));
    }

    [Theory]
    [InlineData("0", 0L)]
    [InlineData("-9223372036854775808", long.MinValue)]
    [InlineData("9223372036854775807", long.MaxValue)]
    [InlineData("9223372036854775808", null)]
    [InlineData("01", null)]
    [InlineData("-0", null)]
    [InlineData("+1", null)]
    [InlineData("-", null)]
    [InlineData("1 ", null)]
    [InlineData("", null)]
    public void Integers_are_those_of_Redis(string text, long? value)
    {
        bool parsed = Arguments.TryParse(Encoding.ASCII.GetBytes(text), out long number);
        Assert.Equal(value, parsed ? number : null);
    }

    private static List<string> ParseInPieces(byte[] bytes, int piece)
    {
        var batch = new CommandBatch(1000);
        var commands = new List<string>();
        int begin = 0;
        for (int end = Math.Min(piece, bytes.Length); ; end = Math.Min(end + piece, bytes.Length))
        {
            while (batch.Parse(bytes.AsSpan(begin..end)))
            {
                for (int i = 0; i < batch.Count; i++)
                {
                    CommandParser command = batch[i];
                    int at = begin;
                    commands.Add(string.Join('|', Enumerable.Range(0, command.Count).Select(a => Encoding.ASCII.GetString(command.Argument(bytes.AsSpan(at), a)))));
                    begin += command.Length;
                    command.Reset();
                }

                batch.Forget(batch.Count);
            }

            Assert.Null(batch.Error);
            if (end == bytes.Length)
            {
                Assert.Equal(bytes.Length, begin);
                return commands;
            }
        }
    }
}
