namespace SlabGen;

/// <summary>
/// The arguments and results of one call into a <see cref="Shrinker"/>: the kernel's <c>struct shrink_control</c>.
/// </summary>
public struct ShrinkControl
{
    /// <summary>What the allocation that needs memory may do.</summary>
    public GfpFlags Gfp { get; init; }

    /// <summary>The node that is short of memory.</summary>
    public int Node { get; init; }

    /// <summary>
    /// The number of objects to look at in this call, 1 to <see cref="Shrinker.Batch"/>; 0 while objects are counted
    /// (<c>nr_to_scan</c>).
    /// </summary>
    public long ToScan { get; init; }

    /// <summary>
    /// Objects looked at in this call, whether they could be freed or not (<c>nr_scanned</c>). It starts as
    /// <see cref="ToScan"/>. A shrinker that looked at fewer, or more, says so. 0 ends the round, as
    /// <see cref="Shrinker.Stop"/> does.
    /// </summary>
    public long Scanned { get; set; }
}
