namespace KeyValueServer.Commands;

/// <summary>Patterns of keys: * ? [a-z] [^a] and \ before what is meant as it is.</summary>
internal static class Glob
{
    /// <remarks>It goes back to the last star alone, so that the time is at most the product of the lengths.</remarks>
    public static bool Matches(ReadOnlySpan<byte> pattern, ReadOnlySpan<byte> text)
    {
        int p = 0, t = 0, star = -1, starText = 0;
        while (t < text.Length)
        {
            if (p < pattern.Length && pattern[p] == (byte)'*')
            {
                (star, starText) = (p++, t);
            }
            else if (p < pattern.Length && MatchesOne(pattern, p, text[t], out int next))
            {
                (p, t) = (next, t + 1);
            }
            else if (star >= 0)
            {
                (p, t) = (star + 1, ++starText);
            }
            else
            {
                return false;
            }
        }

        return pattern[p..].IndexOfAnyExcept((byte)'*') < 0;
    }

    private static bool MatchesOne(ReadOnlySpan<byte> pattern, int p, byte c, out int next)
    {
        next = p + 1;
        switch (pattern[p])
        {
            case (byte)'?':
                return true;
            case (byte)'\\' when next < pattern.Length:
                return pattern[next++] == c;
            case (byte)'[':
                return MatchesClass(pattern, ref next, c);
            default:
                return pattern[p] == c;
        }
    }

    private static bool MatchesClass(ReadOnlySpan<byte> pattern, ref int next, byte c)
    {
        bool isNegated = next < pattern.Length && pattern[next] == (byte)'^';
        next += isNegated ? 1 : 0;
        bool isIn = false;
        while (next < pattern.Length && pattern[next] != (byte)']')
        {
            next += pattern[next] == (byte)'\\' && next + 1 < pattern.Length ? 1 : 0;
            byte low = pattern[next++], high = low;
            if (next + 1 < pattern.Length && pattern[next] == (byte)'-' && pattern[next + 1] != (byte)']')
            {
                high = pattern[next + 1];
                next += 2;
            }

            isIn |= (c >= low && c <= high) || (c >= high && c <= low);
        }

        next = Math.Min(next + 1, pattern.Length);
        return isIn != isNegated;
    }
}
