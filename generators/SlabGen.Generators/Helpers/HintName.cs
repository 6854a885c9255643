using System.Globalization;
using System.Text;

namespace SlabGen.Generators;

/// <summary>The names of the generated files: the class's metadata name, <c>Shop.OrderCache.g.cs</c> or <c>Shop.BoxCache`1.g.cs</c>.</summary>
internal static class HintName
{
    /// <param name="key">The class's full name and arity (<see cref="SlabCacheModel.Key"/>), which no other class has.</param>
    /// <param name="hasCaseTwin">Whether another class differs only in case; Roslyn takes their two files for one and throws.</param>
    public static string Of(string key, bool hasCaseTwin)
    {
        StringBuilder name = new();
        foreach (char c in key)
        {
            // Identifiers may hold characters (combining marks and others) that Roslyn refuses in a hint name.
            if (char.IsLetterOrDigit(c) || c is '.' or '_' or '`')
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
            name.Append('-').Append(Hash(key).ToString("x8", CultureInfo.InvariantCulture));
        }

        return name.Append(".g.cs").ToString();
    }

    /// <summary>FNV-1a: string.GetHashCode differs from run to run, and a file's name must not.</summary>
    private static uint Hash(string text)
    {
        uint hash = 2166136261;
        foreach (char c in text)
        {
            hash = unchecked((hash ^ c) * 16777619);
        }

        return hash;
    }
}
