using System.Collections.Immutable;

namespace SlabGen.Generators;

/// <summary>
/// A property of <c>[SlabCache]</c> and <c>[assembly: SlabCacheDefaults]</c> whose value has a range.
/// </summary>
/// <param name="Name">Its name.</param>
/// <param name="Default">Its value when nothing sets it. A set value that is equal is not written.</param>
/// <param name="Least">The least value of a number or an enum.</param>
/// <param name="Most">The largest value.</param>
/// <param name="Write">How an initialiser of <c>SlabCacheOptions</c> sets it; null if only the generated code knows
/// it.</param>
internal sealed record CacheOption(string Name, object Default, long Least, long Most, Func<object, string>? Write)
{
    /// <summary>The members of its enum, in the order of their values from 0; empty for a number or a flag.</summary>
    public ImmutableArray<string> Members { get; init; } = [];

    /// <summary>How to set it if the build sets it and not the program; null when there is no difference.</summary>
    public Func<object, string>? WriteOfProject { get; init; }

    /// <summary>Whether a build may set it for a whole project. It must then be a flag or an enum.</summary>
    public bool IsOfProject { get; init; }

    /// <summary>The MSBuild property that sets it.</summary>
    public string Property => "SlabGen" + Name;

    /// <summary>The allowed values of the property, in any case.</summary>
    public ImmutableArray<string> Words => Members.IsEmpty ? ["false", "true"] : Members;

    /// <summary>
    /// The value that a word stands for, as an attribute's argument would have it; null when the word has no meaning.
    /// </summary>
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
