using System.Collections.Immutable;

namespace SlabGen.Generators;

/// <summary>What the structs of a program cannot know of each other. Both lists are empty in nearly every program, and so never change.</summary>
/// <param name="Duplicates">Classes and pointers that more than one struct asks for.</param>
/// <param name="CaseTwins">Classes that differ from another one only in case.</param>
internal sealed record NameClashes(EquatableArray<string> Duplicates, EquatableArray<string> CaseTwins)
{
    public static NameClashes Find(ImmutableArray<SlabCacheModel> models, CancellationToken token)
    {
        token.ThrowIfCancellationRequested();

        ImmutableArray<string>.Builder duplicates = ImmutableArray.CreateBuilder<string>();
        duplicates.AddRange(models.SelectMany(static model => model.Keys).GroupBy(static key => key, StringComparer.Ordinal)
            .Where(static same => same.Skip(1).Any()).Select(static same => same.Key));
        ImmutableArray<string>.Builder caseTwins = ImmutableArray.CreateBuilder<string>();

        foreach (IGrouping<string, string> names in models.Select(static model => model.Key).GroupBy(static key => key, StringComparer.OrdinalIgnoreCase))
        {
            IGrouping<string, string>[] exact = [.. names.GroupBy(static key => key, StringComparer.Ordinal)];
            if (exact.Length > 1)
            {
                caseTwins.AddRange(exact.Select(static same => same.Key));
            }
        }

        // Sorted: the order of the structs in the program is no change.
        duplicates.Sort(StringComparer.Ordinal);
        caseTwins.Sort(StringComparer.Ordinal);
        return new NameClashes(new(duplicates.ToImmutable()), new(caseTwins.ToImmutable()));
    }
}
