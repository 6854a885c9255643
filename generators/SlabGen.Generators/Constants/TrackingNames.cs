namespace SlabGen.Generators;

/// <summary>The names of the pipeline's steps. Tests use them to see what ran again and what was cached.</summary>
public static class TrackingNames
{
    /// <summary>One model per attributed struct.</summary>
    public const string Models = nameof(Models);

    /// <summary>What MSBuild properties set for the project.</summary>
    public const string Defaults = nameof(Defaults);

    /// <summary>The class names that more than one struct asks for.</summary>
    public const string Clashes = nameof(Clashes);

    /// <summary>One file per struct that gets a cache.</summary>
    public const string Files = nameof(Files);
}
