using System.Globalization;
using System.Text;

namespace SlabGen.Memory;

/// <summary>The one rule for the names of caches, Kmallocs, mempools, accounts and shrinkers.</summary>
/// <remarks>
/// A name stands in a column of a table, in a line of a log, and in front of people. So a name has 1 to
/// <see cref="MaxLength"/> UTF-16 units and whole surrogate pairs. Every character must be visible. A name has none of
/// these:
/// <list type="bullet">
/// <item>white space, and signs that are blank;</item>
/// <item>control and formatting characters, line and paragraph separators (Unicode's categories Cc, Cf, Zl, Zp);</item>
/// <item>what a font may leave out (Unicode's property Default_Ignorable_Code_Point: fillers, joiners, variation
/// selectors, also behind a base);</item>
/// <item>noncharacters.</item>
/// </list>
/// Two names that look the same may still differ, as Latin and Cyrillic letters do.
/// </remarks>
internal static class ObjectName
{
    /// <summary>
    /// UTF-16 units. Generated classes name their caches after their structs, whose names may be long.
    /// </summary>
    public const int MaxLength = 256;

    // Default_Ignorable_Code_Point (Unicode 17) beyond Cf, with the places that it keeps for more of them, and the
    // blank signs of Braille, Egyptian, Khitan and of music. First and last of each range, in order.
    private static readonly int[] s_unseen =
    [
        0x034f, 0x034f, 0x115f, 0x1160, 0x17b4, 0x17b5, 0x180b, 0x180f, 0x2060, 0x206f, 0x2800, 0x2800, 0x3164, 0x3164,
        0xfe00, 0xfe0f,
        0xffa0, 0xffa0, 0xfff0, 0xfff8, 0x13441, 0x13442, 0x16fe4, 0x16fe4, 0x1d159, 0x1d159, 0xe0000, 0xe0fff,
    ];

    /// <param name="name">The name.</param>
    /// <param name="what">The kind of thing that has the name: <c>cache</c>.</param>
    /// <param name="parameter">The parameter that holds the name.</param>
    /// <exception cref="ArgumentNullException">The name is null.</exception>
    /// <exception cref="ArgumentException">The name breaks the rule. The text shows it escaped and cut, and says where
    /// and how.</exception>
    public static void Validate(string name, string what, string parameter = "name")
    {
        ArgumentNullException.ThrowIfNull(name, parameter);
        if (WhyInvalid(name) is { } why)
        {
            throw new ArgumentException($"The {what} name {ShownText.Quote(name)} {why}. A name has 1 to {MaxLength} UTF-16 units, without white space and characters that cannot be seen.", parameter);
        }
    }

    /// <summary>What is wrong with a name, or null.</summary>
    private static string? WhyInvalid(string name)
    {
        if (name.Length is 0 or > MaxLength)
        {
            return name.Length == 0 ? "is empty" : $"has {name.Length} UTF-16 units";
        }

        for (int index = 0; index < name.Length;)
        {
            if (name[index] is > ' ' and < '\x7f')
            {
                index++; // nearly every character of nearly every name
                continue;
            }

            if (!Rune.TryGetRuneAt(name, index, out Rune rune))
            {
                return $"has the lone surrogate U+{(int)name[index]:X4} at index {index}";
            }

            if (!IsAllowed(rune))
            {
                return $"has {(Rune.IsWhiteSpace(rune) ? "white space" : "the invisible character")} U+{rune.Value:X4} at index {index}";
            }

            index += rune.Utf16SequenceLength;
        }

        return null;
    }

    /// <summary>
    /// Makes a name from a type's name, for which no user can choose another. Characters that a name may not have
    /// become <c>_</c>, and so does an empty name. A long one is cut and gets a hash.
    /// </summary>
    public static string Fit(string name)
    {
        if (WhyInvalid(name) is null)
        {
            return name;
        }

        var text = new StringBuilder(name.Length);
        ulong hash = 14695981039346656037; // FNV-1a, as in the generator: the same in every run
        foreach (Rune rune in name.EnumerateRunes())
        {
            text.Append(IsAllowed(rune) ? rune : new Rune('_'));
            hash = unchecked((hash ^ (uint)rune.Value) * 1099511628211);
        }

        if (text.Length <= MaxLength)
        {
            return text.Length == 0 ? "_" : text.ToString();
        }

        string end = $"-{hash:x16}";
        int kept = MaxLength - end.Length;
        return text.ToString(0, char.IsHighSurrogate(text[kept - 1]) ? kept - 1 : kept) + end;
    }

    /// <summary>Whether a name may have a character: only visible ones.</summary>
    public static bool IsAllowed(Rune rune) => !Rune.IsWhiteSpace(rune)
        && (rune.Value & 0xfffe) != 0xfffe // the last two of every plane: noncharacters, as are those below
        && rune.Value is not (>= 0xfdd0 and <= 0xfdef)
        && Rune.GetUnicodeCategory(rune) is not
            (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator
                or UnicodeCategory.ParagraphSeparator)
        && !IsUnseen(rune.Value);

    private static bool IsUnseen(int value)
    {
        for (int i = 0; i < s_unseen.Length && s_unseen[i] <= value; i += 2)
        {
            if (value <= s_unseen[i + 1])
            {
                return true;
            }
        }

        return false;
    }
}
