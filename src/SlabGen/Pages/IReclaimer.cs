namespace SlabGen.Pages;

/// <summary>
/// What an allocation calls before it fails: the control centre. It lies in a higher layer and knows every cache.
/// </summary>
internal interface IReclaimer
{
    /// <summary>Takes back unused memory, and waits for it. The caller holds no lock of the allocator.</summary>
    /// <param name="gfp">What the allocation that needs memory may do.</param>
    /// <param name="pages">The number of pages it needs. Shrinkers are called until that many were freed.</param>
    /// <returns>Whether anything was freed, so that another try is worth it.</returns>
    bool Reclaim(GfpFlags gfp, long pages);

    /// <summary>
    /// Called when memory was taken. It wakes background reclaim if a zone is short, and whatever watches a runtime
    /// that holds memory. It does not throw.
    /// </summary>
    /// <remarks>The caller holds no lock of the allocator.</remarks>
    void Wake();
}
