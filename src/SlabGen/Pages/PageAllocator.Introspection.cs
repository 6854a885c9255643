namespace SlabGen;

// What can be seen of the page layer.
public sealed partial class PageAllocator
{
    /// <summary>The name of the runtime, in metrics and events.</summary>
    internal string RuntimeName => _options.Name;

    /// <summary>Counts the violated invariants of every zone.</summary>
    internal void Validate(ValidationReport report)
    {
        foreach (Zone zone in _zones.Every)
        {
            zone.Validate(report);
        }
    }

    /// <summary>Finds the block of pages that contains an address, without touching the address.</summary>
    /// <returns><see langword="false"/> when no page of this runtime is there.</returns>
    internal bool TryFindBlock(nint address, out Zone? zone, out nint start, out long bytes, out PageFlags flags)
    {
        foreach (Zone candidate in _zones.Every)
        {
            if (candidate.HasPageAt(address))
            {
                zone = candidate;
                flags = candidate.FindBlock(address, out start, out bytes);
                return true;
            }
        }

        zone = null;
        flags = PageFlags.Head;
        return _large.TryFind(address, out start, out bytes);
    }
}
