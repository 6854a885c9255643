using System.Globalization;
using System.Text;

namespace SlabGen.Memory;

/// <summary>Formats what a user said for the text of an error.</summary>
internal static class ShownText
{
    /// <param name="text">A name, a path or a value: anything.</param>
    /// <param name="most">The most UTF-16 units that are shown.</param>
    /// <returns>The text in quotes. Quotes and invisible characters other than spaces are escaped. A long text is
    /// cut.</returns>
    public static string Quote(string text, int most = 60)
    {
        var shown = new StringBuilder("'");
        for (int index = 0; index < text.Length && index < most;)
        {
            bool whole = Rune.TryGetRuneAt(text, index, out Rune rune);
            if (whole && (rune.Value == ' ' || ObjectName.IsAllowed(rune)) && rune.Value is not ('\'' or '\\'))
            {
                shown.Append(rune);
            }
            else
            {
                shown.Append(CultureInfo.InvariantCulture, $"\\u{(whole ? rune.Value : text[index]):x4}");
            }

            index += whole ? rune.Utf16SequenceLength : 1;
        }

        return shown.Append(text.Length > most ? "…'" : "'").ToString();
    }
}
