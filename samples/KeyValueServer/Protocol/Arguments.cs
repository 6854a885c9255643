using System.Buffers.Text;

namespace KeyValueServer.Protocol;

/// <summary>The arguments of a command, as spans of the bytes that came. Index 0 is the command's name.</summary>
internal readonly ref struct Arguments(CommandParser parser, ReadOnlySpan<byte> command)
{
    private readonly ReadOnlySpan<byte> _command = command;

    public int Count => parser.Count;

    public ReadOnlySpan<byte> this[int index] => parser.Argument(_command, index);

    public bool Is(int index, string word) => System.Text.Ascii.EqualsIgnoreCase(this[index], word);

    public bool TryGetInteger(int index, out long value) => TryParse(this[index], out value);

    /// <summary>Parses an integer as Redis does: no sign but a minus, no zeros before, nothing else.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out long value)
    {
        value = 0;
        return !text.IsEmpty && text.Length <= 20 && text[0] != '+'
            && Utf8Parser.TryParse(text, out value, out int used) && used == text.Length
            && (text[text[0] == '-' ? 1 : 0] != '0' || text.Length == 1);
    }
}
