using System.Collections.Concurrent;
using SlabGen.Memory;
using SlabGen.Pages;

namespace SlabGen.Slabs;

/// <summary>The metadata pools of a runtime, one per chunk size.</summary>
internal sealed class MetadataPools(PageAllocator pages)
{
    private readonly ConcurrentDictionary<int, MetadataPool> _pools = new();

    /// <summary>The pool whose chunks hold <paramref name="bytes"/>, which is at most a page.</summary>
    public MetadataPool For(int bytes)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes, Page.Size);
        return _pools.GetOrAdd((int)Page.RoundUp(bytes, sizeof(ulong)), size => new MetadataPool(pages, size));
    }

    /// <summary>Counts the violated invariants of every pool.</summary>
    public void Validate(ValidationReport report)
    {
        foreach (MetadataPool pool in _pools.Values)
        {
            pool.Validate(report);
        }
    }
}
