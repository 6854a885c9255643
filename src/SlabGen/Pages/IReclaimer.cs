namespace SlabGen.Pages;

/// <summary>
/// What an allocation asks before it fails: the control centre, which lies in a higher layer and knows every cache.
/// </summary>
internal interface IReclaimer
{
    /// <summary>Takes back what nobody uses, and waits for it. The caller holds no lock of the allocator.</summary>
    /// <param name="gfp">What the allocation that needs memory may do.</param>
    /// <param name="pages">How many pages it needs: shrinkers are asked until so many were freed.</param>
    /// <returns>Whether anything was freed, so that it is worth trying again.</returns>
    bool Reclaim(GfpFlags gfp, long pages);

    /// <summary>Memory was taken: wakes background reclaim if a zone is short, and who watches a runtime that holds memory. Does not throw.</summary>
    /// <remarks>The caller holds no lock of the allocator.</remarks>
    void Wake();
}
