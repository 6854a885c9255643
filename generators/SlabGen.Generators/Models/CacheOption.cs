using System.Collections.Immutable;

namespace SlabGen.Generators;

/// <summary>A property of <c>[SlabCache]</c> and <c>[assembly: SlabCacheDefaults]</c> with a value from a range.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Default">Its value when nothing sets it; a set one that is equal is not written.</param>
/// <param name="Least">The least value, of a number or an enum.</param>
/// <param name="Most">The largest value.</param>
/// <param name="Write">How it is set in an initialiser of <c>SlabCacheOptions</c>; null for what the generated code alone knows.</param>
internal sealed record CacheOption(string Name, object Default, long Least, long Most, Func<object, string>? Write)
{
    /// <summary>The members of its enum, in the order of their values from 0; empty when it is a number or a flag.</summary>
    public ImmutableArray<string> Members { get; init; } = [];

    /// <summary>How it is set when the build says so and not the program, where that is not the same.</summary>
    public Func<object, string>? WriteOfProject { get; init; }

    /// <summary>Whether a build may set it for a whole project. It is a flag or an enum then.</summary>
    public bool IsOfProject { get; init; }

    /// <summary>The MSBuild property that does.</summary>
    public string Property => "SlabGen" + Name;

    /// <summary>What the property may say, in any case.</summary>
    public ImmutableArray<string> Words => Members.IsEmpty ? ["false", "true"] : Members;

    /// <summary>The value that a word stands for, as an attribute's argument would have it; null when it stands for none.</summary>
    public object? Parse(string word)
    {
        for (int i = 0; i < Words.Length; i++)
        {
            if (Words[i].Equals(word, StringComparison.OrdinalIgnoreCase))
            {
                return Members.IsEmpty ? i == 1 : i;
            }
        }

        return null;
    }
}
