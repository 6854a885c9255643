namespace SlabGen;

/// <summary>Whether a zone asks the system for pages of 2 MiB.</summary>
public enum HugePages
{
    /// <summary>Whatever the system does by itself.</summary>
    None,

    /// <summary>
    /// Ask for transparent huge pages (<c>madvise(MADV_HUGEPAGE)</c>). They cause fewer misses in the address
    /// translation. The first touch of any of their pages brings in all 2 MiB. When part of a huge page goes back, the
    /// rest stays in small pages until all of it is in use again.
    /// </summary>
    Transparent,

    /// <summary>
    /// Take pages from the system's pool of huge pages (<c>MAP_HUGETLB</c>). If the pool is empty, this is
    /// <see cref="Transparent"/>.
    /// </summary>
    Reserved,
}
