namespace SlabGen.Generators;

/// <summary>One file to write.</summary>
internal sealed record SlabCacheFile(SlabCacheModel Model, string HintName)
{
    /// <summary>
    /// The struct's file, or null when another struct asks for the same class: SLAB0005 says so, and neither is written, but for a placeholder. Of those
    /// that break a rule nothing is written where another struct has the name.
    /// </summary>
    public static SlabCacheFile? Create((SlabCacheModel Model, NameClashes Clashes) pair, CancellationToken token)
    {
        token.ThrowIfCancellationRequested();

        string key = pair.Model.Key;
        SlabCacheModel model = pair.Clashes.Links.Count == 0 ? pair.Model
            : pair.Model with { Links = new([.. pair.Model.Links.Where(link => !pair.Clashes.Links.Contains(pair.Model.KeyOf(link.Name)))]) };
        return pair.Clashes.Duplicates.Contains(key) || (pair.Model.Kind != SlabCacheKind.Cache && pair.Clashes.Taken.Contains(key))
            ? null
            : new SlabCacheFile(model, Generators.HintName.Of(key, pair.Clashes.CaseTwins.Contains(key)));
    }
}
