namespace SlabGen.Generators;

/// <summary>What is written for a struct.</summary>
internal enum SlabCacheKind
{
    /// <summary>Its class, and the pointers beside it.</summary>
    Cache,

    /// <summary>
    /// The class and pointers that it would have without the options and hooks that break a rule. So the rule is
    /// reported, and not every use of the class as well.
    /// </summary>
    StandIn,

    /// <summary>
    /// A class and pointers with the usual members. It is for a struct that no pointer can point to, or that the class
    /// cannot name, and exists for the same reason.
    /// </summary>
    Placeholder,
}
