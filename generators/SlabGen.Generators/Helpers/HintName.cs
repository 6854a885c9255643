using System.Globalization;
using System.Text;

namespace SlabGen.Generators;

/// <summary>
/// The names of the generated files: the class's metadata name, <c>Shop.OrderCache.g.cs</c> or
/// <c>Shop.BoxCache`1.g.cs</c>.
/// </summary>
internal static class HintName
{
    // File systems allow names of 255 bytes. Windows allows paths of 260 characters, and a project's folders use up
    // most of them.
    private const int MostBytes = 120;

    /// <param name="key">The class's full name and arity (<see cref="SlabCacheModel.Key"/>). No other class has the
    /// same.</param>
    /// <param name="hasCaseTwin">Whether another class differs only in case. Roslyn takes their two files for one and
    /// throws.</param>
    public static string Of(string key, bool hasCaseTwin)
    {
        StringBuilder name = new();
        int bytes = 0;
        foreach (char c in key)
        {
            bool isWritten = char.IsLetterOrDigit(c) || c is '.' or '_' or '`';
            bytes += isWritten ? Encoding.UTF8.GetByteCount([c]) : "(XXXX)".Length;
            if (bytes > MostBytes)
            {
                // The hash covers the rest of the name.
                return name.Append('-').Append(Hash(key)).Append(".g.cs").ToString();
            }

            // Identifiers may hold characters (combining marks and others) that Roslyn refuses in a hint name.
            if (isWritten)
            {
                name.Append(c);
            }
            else
            {
                name.Append('(').Append(((int)c).ToString("X4", CultureInfo.InvariantCulture)).Append(')');
            }
        }

        if (hasCaseTwin)
        {
            name.Append('-').Append(Hash(key));
        }

        return name.Append(".g.cs").ToString();
    }

    /// <summary>FNV-1a: string.GetHashCode differs from run to run, and a file's name must not.</summary>
    public static string Hash(string text)
    {
        ulong hash = 14695981039346656037;
        foreach (char c in text)
        {
            hash = unchecked((hash ^ c) * 1099511628211);
        }

        return hash.ToString("x16", CultureInfo.InvariantCulture);
    }
}
