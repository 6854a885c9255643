namespace SlabGen;

/// <summary>
/// Moves an object of yours (the <c>move</c> callback of illumos' <c>kmem_cache_set_move</c>). See
/// <see cref="KmemCache.SetMove"/> for what it must do.
/// </summary>
/// <param name="from">
/// The object. It may be one that you have just allocated, are about to free, or have freed. You then do not know it,
/// and must not write to it. Its memory can be read while this runs.
/// </param>
/// <param name="to">A free object of the same cache, constructed if the cache has a constructor.</param>
/// <returns>Which of the two is free now.</returns>
public delegate SlabMoveReply SlabMove(nint from, nint to);

/// <summary>What became of an object that was to be moved (<c>kmem_cbrc_t</c> of illumos).</summary>
public enum SlabMoveReply
{
    /// <summary>
    /// It was moved. Its contents are in the new object, and nothing of yours refers to the old one, which is freed.
    /// </summary>
    Yes,

    /// <summary>
    /// It will not be moved. No object of its slab is asked for again until this one was freed, or the slab was full.
    /// </summary>
    No,

    /// <summary>
    /// It cannot be moved now. It may be asked for again in the next pass. Other objects of the slab are still asked
    /// for in this pass.
    /// </summary>
    Later,

    /// <summary>It is not needed any more, and nothing of yours refers to it. Both objects are freed.</summary>
    DontNeed,

    /// <summary>It is not known: not in use yet, or not any more. It counts as <see cref="Later"/>.</summary>
    DontKnow,
}
