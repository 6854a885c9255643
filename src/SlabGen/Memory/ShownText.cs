using System.Globalization;
using System.Text;

namespace SlabGen.Memory;

/// <summary>What a user said, as the text of an error shows it.</summary>
internal static class ShownText
{
    /// <param name="text">A name, a path or a value: anything.</param>
    /// <param name="most">UTF-16 units that are shown.</param>
    /// <returns>It in quotes; what cannot be seen, but spaces, and quotes, as escapes; its beginning only, if it is long.</returns>
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
