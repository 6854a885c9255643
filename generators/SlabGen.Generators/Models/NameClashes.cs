using System.Collections.Immutable;

namespace SlabGen.Generators;

/// <summary>What the structs of a program cannot know of each other. All lists are empty in nearly every program, and so never change.</summary>
/// <param name="Duplicates">Classes that more than one struct asks for.</param>
/// <param name="Links">Pointers that more than one struct asks for, or that are a struct's class: none of them is written.</param>
/// <param name="Taken">Classes that a struct gets for which others, which break a rule, get none.</param>
/// <param name="CaseTwins">Classes that differ from another one only in case.</param>
/// <param name="Placeholders">What is written in the place of the duplicates.</param>
internal sealed record NameClashes(
    EquatableArray<string> Duplicates,
    EquatableArray<string> Links,
    EquatableArray<string> Taken,
    EquatableArray<string> CaseTwins,
    EquatableArray<SlabCacheFile> Placeholders)
{
    public static NameClashes Find(ImmutableArray<SlabCacheModel> models, CancellationToken token)
    {
        token.ThrowIfCancellationRequested();

        ImmutableArray<string>.Builder duplicates = ImmutableArray.CreateBuilder<string>();
        ImmutableArray<string>.Builder taken = ImmutableArray.CreateBuilder<string>();
        ImmutableArray<string>.Builder caseTwins = ImmutableArray.CreateBuilder<string>();
        List<SlabCacheFile> placeholders = [];

        foreach (IGrouping<string, SlabCacheModel> names in models.GroupBy(static model => model.Key, StringComparer.OrdinalIgnoreCase))
        {
            IGrouping<string, SlabCacheModel>[] exact = [.. names.GroupBy(static model => model.Key, StringComparer.Ordinal)];
            foreach (IGrouping<string, SlabCacheModel> same in exact.Where(static same => same.Skip(1).Any()))
            {
                if (same.Count(static model => model.Kind == SlabCacheKind.Cache) == 1)
                {
                    taken.Add(same.Key);
                    continue;
                }

                duplicates.Add(same.Key);
                SlabCacheModel first = same.OrderBy(static model => model.Accessibility, StringComparer.Ordinal).First(); // internal, if one is
                placeholders.Add(new SlabCacheFile(first.ToPlaceholder(), HintName.Of(same.Key, exact.Length > 1)));
            }

            if (exact.Length > 1)
            {
                caseTwins.AddRange(exact.Select(static same => same.Key));
            }
        }

        HashSet<string> classes = [.. models.Select(static model => model.Key)];
        IEnumerable<string> links = models.SelectMany(static model => model.LinkKeys).GroupBy(static key => key, StringComparer.Ordinal)
            .Where(same => same.Skip(1).Any() || classes.Contains(same.Key))
            .Select(static same => same.Key)
            .OrderBy(static key => key, StringComparer.Ordinal);

        // Sorted: the order of the structs in the program is no change.
        duplicates.Sort(StringComparer.Ordinal);
        taken.Sort(StringComparer.Ordinal);
        caseTwins.Sort(StringComparer.Ordinal);
        return new NameClashes(
            new(duplicates.ToImmutable()),
            new([.. links]),
            new(taken.ToImmutable()),
            new(caseTwins.ToImmutable()),
            new([.. placeholders.OrderBy(static file => file.HintName, StringComparer.Ordinal)]));
    }
}
