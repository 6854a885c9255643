namespace SlabGen.Magazines;

// What can be seen of the magazines of a cache.
internal sealed partial class MagazineLayer
{
    /// <summary>The magazines now; a snapshot, for which no thread is stopped.</summary>
    public MagazineCounts Count()
    {
        var counts = new MagazineCounts();
        foreach (ThreadCache cache in _threads.ToArray())
        {
            using (cache.Gate.Hold())
            {
                if (!IsReleased)
                {
                    cache.CountInto(ref counts);
                }
            }
        }

        if (!IsReleased)
        {
            foreach (Depot depot in _depots)
            {
                depot.CountInto(ref counts);
            }
        }

        return counts;
    }
}
