using System.Text;

namespace SlabGen.Generators;

/// <summary>
/// Writes lines of C# at a depth. Lines end with a line feed on every machine, so that the output is the same
/// everywhere.
/// </summary>
internal sealed class IndentedWriter
{
    private const int SpacesPerLevel = 4;

    private readonly StringBuilder _text = new();
    private int _depth;

    /// <summary>Writes a text of one or more lines, each at the current depth. Empty lines stay empty.</summary>
    public void Write(string lines)
    {
        foreach (string line in lines.Split('\n'))
        {
            // A raw string has the line ends of its checked-out file.
            string trimmed = line.TrimEnd('\r');
            if (trimmed.Length > 0)
            {
                _text.Append(' ', _depth * SpacesPerLevel).Append(trimmed);
            }

            _text.Append('\n');
        }
    }

    /// <summary>Writes an empty line.</summary>
    public void Gap() => _text.Append('\n');

    /// <summary>Writes a header and an opening brace. What follows is one level deeper.</summary>
    public void Open(string header)
    {
        Write(header);
        Write("{");
        _depth++;
    }

    /// <summary>Writes the closing brace of the last <see cref="Open"/>.</summary>
    public void Close()
    {
        _depth--;
        Write("}");
    }

    public override string ToString() => _text.ToString();
}
