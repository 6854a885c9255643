namespace SlabGen.Samples;

/// <summary>The lines of a file that the program writes: those between its two marks.</summary>
internal sealed class ReadmeBlock
{
    public const string Begin = "<!-- written by --compare --readme: begin -->";
    public const string End = "<!-- written by --compare --readme: end -->";

    private readonly string _file;
    private readonly string _before;
    private readonly string _after;

    private ReadmeBlock(string file, string before, string after)
    {
        _file = file;
        _before = before;
        _after = after;
    }

    /// <exception cref="SampleException">The file cannot be read, or lacks a mark.</exception>
    public static ReadmeBlock Open(string file)
    {
        string text;
        try
        {
            text = File.ReadAllText(file);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new SampleException($"--readme '{file}' cannot be read: {exception.Message}", 2);
        }

        int begin = text.IndexOf(Begin, StringComparison.Ordinal);
        int end = text.IndexOf(End, StringComparison.Ordinal);
        return begin >= 0 && end > begin
            ? new ReadmeBlock(file, text[..(begin + Begin.Length)], text[end..])
            : throw new SampleException($"--readme '{file}' lacks the line '{Begin}' or, behind it, '{End}'", 2);
    }

    public void Replace(string lines) => Write(_file, $"{_before}\n{lines.Trim()}\n{_after}");

    /// <exception cref="SampleException">The file cannot be written.</exception>
    public static void Write(string file, string text)
    {
        try
        {
            File.WriteAllText(file, text);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new SampleException($"'{file}' cannot be written: {exception.Message}", 3);
        }
    }
}
