using System.Collections.Immutable;

namespace SlabGen.Generators;

/// <summary>
/// What a struct cannot know about the others in the program. In nearly every program all lists are empty, and so never
/// change.
/// </summary>
/// <param name="Duplicates">Classes and pointers that more than one struct asks for.</param>
/// <param name="Taken">Classes and pointers that one struct gets. Structs that break a rule and ask for the same name
/// get no placeholder.</param>
/// <param name="CaseTwins">Classes and pointers that differ from another one only in case.</param>
/// <param name="Placeholders">The files that are written instead of the duplicates, one for each.</param>
internal sealed record NameClashes(
    EquatableArray<string> Duplicates,
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

        foreach (var names in models.SelectMany(static model => model.Keys.Select(key => (Key: key, Model: model)))
            .GroupBy(static pair => pair.Key, StringComparer.OrdinalIgnoreCase))
        {
            IGrouping<string, SlabCacheModel>[] exact =
                [.. names.GroupBy(static pair => pair.Key, static pair => pair.Model, StringComparer.Ordinal)];
            foreach (IGrouping<string, SlabCacheModel> same in exact.Where(static same => same.Skip(1).Any()))
            {
                if (same.Count(static model => model.Kind == SlabCacheKind.Cache) == 1)
                {
                    taken.Add(same.Key);
                    continue;
                }

                duplicates.Add(same.Key);
                // Internal, if one is.
                SlabCacheModel first =
                    same.OrderBy(static model => model.Accessibility, StringComparer.Ordinal).First();
                placeholders.Add(new SlabCacheFile(first.ToPlaceholder().Only(key => key == same.Key)!,
                    HintName.Of(same.Key, exact.Length > 1)));
            }

            if (exact.Length > 1)
            {
                caseTwins.AddRange(exact.Select(static same => same.Key));
            }
        }

        // Sort, because another order of the structs in the program is no change.
        duplicates.Sort(StringComparer.Ordinal);
        taken.Sort(StringComparer.Ordinal);
        caseTwins.Sort(StringComparer.Ordinal);
        return new NameClashes(
            new(duplicates.ToImmutable()),
            new(taken.ToImmutable()),
            new(caseTwins.ToImmutable()),
            new([.. placeholders.OrderBy(static file => file.HintName, StringComparer.Ordinal)]));
    }
}
