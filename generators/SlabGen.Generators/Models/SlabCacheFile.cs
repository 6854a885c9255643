namespace SlabGen.Generators;

/// <summary>One file to write.</summary>
internal sealed record SlabCacheFile(SlabCacheModel Model, string HintName)
{
    /// <summary>
    /// The struct's file, without the types that another struct asks for as well. SLAB0005 reports those. Neither
    /// struct gets them, but a placeholder is written. A struct that breaks a rule gets no type that another struct
    /// has. Null when nothing is left.
    /// </summary>
    public static SlabCacheFile? Create((SlabCacheModel Model, NameClashes Clashes) pair, CancellationToken token)
    {
        token.ThrowIfCancellationRequested();

        (SlabCacheModel model, NameClashes clashes) = pair;
        if (model.Only(key =>
            !clashes.Duplicates.Contains(key) && (model.Kind == SlabCacheKind.Cache || !clashes.Taken.Contains(key)))
                is not { } written)
        {
            return null;
        }

        // No other file has the type, so none has its name.
        string key = written.Keys.First();
        return new SlabCacheFile(written, Generators.HintName.Of(key, clashes.CaseTwins.Contains(key)));
    }
}
