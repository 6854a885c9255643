namespace SlabGen.Generators;

/// <summary>When a method of the user's struct is called. The attribute that says so is <c>[Slab{Kind}]</c>.</summary>
internal enum HookKind
{
    /// <summary>Once for each object when its slab is made.</summary>
    Constructor,

    /// <summary>Once for each object when its slab is discarded.</summary>
    Destructor,

    /// <summary>On every allocation.</summary>
    Init,

    /// <summary>On every free.</summary>
    Fini,
}
