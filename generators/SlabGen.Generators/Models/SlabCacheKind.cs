namespace SlabGen.Generators;

/// <summary>What is written for a struct.</summary>
internal enum SlabCacheKind
{
    /// <summary>Its class.</summary>
    Cache,

    /// <summary>The class that it would have without the options and hooks that break a rule: the rule is reported, and not the uses of the class as well.</summary>
    StandIn,

    /// <summary>A class with the usual members for a struct that no pointer can point to, or that the class cannot name: for the same reason.</summary>
    Placeholder,
}
