using System.Buffers.Text;

namespace KeyValueServer.Protocol;

/// <summary>How far a command is.</summary>
internal enum ParseState
{
    Complete,
    Incomplete,
    Malformed,
}

/// <summary>
/// Finds one command in bytes: an array of bulk strings, or words on a line (which people type). It remembers how far it came,
/// so that a long command that comes in many pieces is looked at once. The bytes begin with the same command at each call, until it is
/// complete; where they lie may change.
/// </summary>
internal sealed class CommandParser
{
    public const int MostArguments = 1024 * 1024;
    private const int LongestLine = 64 * 1024;      // of a command that is typed
    private const int LongestHeader = 32;           // "*1048576", "$536870912"

    private readonly int _longest;
    private Range[] _arguments = new Range[8];
    private int _expected;      // arguments; 0 before the header was seen
    private int _bulk = -1;     // length of the argument whose header was seen
    private int _position;

    /// <param name="longest">Bytes that a command may have.</param>
    public CommandParser(int longest) => _longest = longest;

    /// <summary>Arguments that were found, the name of the command among them.</summary>
    public int Count { get; private set; }

    /// <summary>What is malformed.</summary>
    public string Error { get; private set; } = "";

    public ReadOnlySpan<byte> Argument(ReadOnlySpan<byte> command, int index) => command[_arguments[index]];

    /// <summary>Bytes of the command, when it is complete.</summary>
    public int Length => _position;

    /// <summary>Forgets the command, so that the next one can be parsed.</summary>
    public void Reset()
    {
        (Count, _expected, _bulk, _position) = (0, 0, -1, 0);
        if (_arguments.Length > 1024)
        {
            _arguments = new Range[8];
        }
    }

    public ParseState Parse(ReadOnlySpan<byte> bytes)
    {
        if (_expected == 0)
        {
            if (bytes.IsEmpty)
            {
                return ParseState.Incomplete;
            }

            if (bytes[0] != (byte)'*')
            {
                return ParseLine(bytes);
            }

            ParseState state = ParseNumber(bytes, "multibulk length", MostArguments, out int count);
            if (state != ParseState.Complete || count <= 0)
            {
                return state; // an empty array is no command, and complete
            }

            _expected = count;
        }

        while (Count < _expected)
        {
            if (_bulk < 0)
            {
                if (_position == bytes.Length)
                {
                    return ParseState.Incomplete;
                }

                if (bytes[_position] != (byte)'$')
                {
                    return Malformed($"expected '$', got '{Printable(bytes[_position])}'");
                }

                ParseState state = ParseNumber(bytes, "bulk length", _longest, out _bulk);
                if (state != ParseState.Complete)
                {
                    return state;
                }

                if (_bulk < 0)
                {
                    return Malformed("invalid bulk length");
                }
            }

            if (_position + (long)_bulk + 2 > _longest)
            {
                return Malformed($"a command of more than {_longest:N0} bytes");
            }

            int end = _position + _bulk;
            if (end + 2 > bytes.Length)
            {
                return ParseState.Incomplete;
            }

            if (bytes[end] != '\r' || bytes[end + 1] != '\n')
            {
                return Malformed("a bulk string is not followed by CRLF");
            }

            Add(_position..end);
            _position = end + 2;
            _bulk = -1;
        }

        return ParseState.Complete;
    }

    /// <summary>Parses "*number CRLF" or "$number CRLF" at the position.</summary>
    private ParseState ParseNumber(ReadOnlySpan<byte> bytes, string what, int most, out int number)
    {
        number = -1;
        ReadOnlySpan<byte> rest = bytes[(_position + 1)..];
        int length = rest[..Math.Min(rest.Length, LongestHeader)].IndexOf((byte)'\n');
        if (length < 0)
        {
            return rest.Length < LongestHeader ? ParseState.Incomplete : Malformed($"invalid {what}");
        }

        if (length < 2 || rest[length - 1] != '\r' || !Utf8Parser.TryParse(rest[..(length - 1)], out number, out int used) || used != length - 1)
        {
            return Malformed($"invalid {what}");
        }

        if (number > most)
        {
            return Malformed($"invalid {what}: {number:N0} is more than {most:N0}");
        }

        _position += 1 + length + 1;
        return ParseState.Complete;
    }

    /// <summary>Parses words on a line.</summary>
    private ParseState ParseLine(ReadOnlySpan<byte> bytes)
    {
        // What was searched before is searched no second time.
        int end = bytes[_position..].IndexOf((byte)'\n');
        if (end < 0)
        {
            _position = bytes.Length;
            return bytes.Length <= LongestLine ? ParseState.Incomplete : Malformed($"a line of more than {LongestLine:N0} bytes");
        }

        end += _position;
        for (int i = 0; i < end;)
        {
            if (bytes[i] is (byte)' ' or (byte)'\t' or (byte)'\r')
            {
                i++;
                continue;
            }

            int length = bytes[i..end].IndexOfAny(" \t\r"u8);
            int wordEnd = length < 0 ? end : i + length;
            Add(i..wordEnd);
            i = wordEnd;
        }

        _position = end + 1;
        return ParseState.Complete;
    }

    private void Add(Range argument)
    {
        if (Count == _arguments.Length)
        {
            Array.Resize(ref _arguments, _arguments.Length * 2);
        }

        _arguments[Count++] = argument;
    }

    private ParseState Malformed(string error)
    {
        Error = error;
        return ParseState.Malformed;
    }

    private static string Printable(byte b) => b is >= 0x20 and < 0x7F ? ((char)b).ToString() : $"\\x{b:x2}";
}
