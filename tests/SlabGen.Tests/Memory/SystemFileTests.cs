using SlabGen.Memory;

namespace SlabGen.Tests.Memory;

/// <summary>The reading of <c>/proc</c>: without exceptions, cultures and what the framework would compile for it.</summary>
public sealed class SystemFileTests
{
    [Fact]
    public void A_file_that_is_missing_throws_nothing_even_inside()
    {
        int thrown = 0;
        int self = Environment.CurrentManagedThreadId;
        void Count(object? sender, System.Runtime.ExceptionServices.FirstChanceExceptionEventArgs e) => thrown += Environment.CurrentManagedThreadId == self ? 1 : 0;
        AppDomain.CurrentDomain.FirstChanceException += Count;
        try
        {
            Assert.Null(SystemFile.Read(Path.Combine(Path.GetTempPath(), "there-is-no-such-file")));
            Assert.Null(SystemFile.Read(Path.GetTempPath())); // a directory
        }
        finally
        {
            AppDomain.CurrentDomain.FirstChanceException -= Count;
        }

        Assert.Equal(0, thrown);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4095)]
    [InlineData(4096)]
    [InlineData(4097)]
    [InlineData(100_000)]
    public void A_text_of_any_length_is_read_whole_without_white_space_at_its_ends(int length)
    {
        string file = Path.GetTempFileName();
        try
        {
            string text = string.Concat(Enumerable.Range(0, length).Select(i => (char)('a' + (i % 26))));
            File.WriteAllText(file, $" \n{text}\n \0");
            Assert.Equal(text, SystemFile.Read(file)?.Trim('\0', ' ', '\n'));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Theory]
    [InlineData("b 2", "b ", "2")]
    [InlineData("a 1\nb 2\nc 3", "b ", "2")]
    [InlineData("a 1\nb   2  \nc 3", "b ", "2")]
    [InlineData("a 1\nab 2", "b ", null)]
    [InlineData("a 1\nb \nc", "b ", "")]
    [InlineData("a 1\nb", "b ", null)]
    [InlineData("", "b ", null)]
    [InlineData(null, "b ", null)]
    public void A_line_is_found_by_the_word_that_begins_it(string? text, string word, string? expected) => Assert.Equal(expected, SystemFile.Line(text, word));

    [Theory]
    [InlineData("0", 0L)]
    [InlineData("9223372036854775807", long.MaxValue)]
    [InlineData("9223372036854775808", null)]
    [InlineData("99999999999999999999", null)]
    [InlineData("max", null)]
    [InlineData("-1", null)]
    [InlineData("1 ", null)]
    [InlineData("", null)]
    [InlineData(null, null)]
    public void A_number_is_digits_and_nothing_else(string? text, long? expected)
    {
        Assert.Equal(expected is not null, SystemFile.TryParse(text, out long number));
        Assert.Equal(expected ?? 0, number);
    }
}
