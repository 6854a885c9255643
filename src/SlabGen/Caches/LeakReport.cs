namespace SlabGen;

/// <summary>Reports what was still live when a cache was destroyed.</summary>
/// <param name="CacheName">The cache.</param>
/// <param name="LiveObjects">Objects that were never freed.</param>
/// <param name="Addresses">The addresses of the first of them.</param>
public sealed record LeakReport(string CacheName, long LiveObjects, IReadOnlyList<nint> Addresses)
{
    /// <summary>The cache.</summary>
    public string CacheName { get; } = CacheName;

    /// <summary>Objects that were never freed.</summary>
    public long LiveObjects { get; } = LiveObjects;

    /// <summary>The addresses of the first of them.</summary>
    public IReadOnlyList<nint> Addresses { get; } = Addresses;

    /// <summary>Whether every object had been freed.</summary>
    public bool IsClean => LiveObjects == 0;

    /// <inheritdoc/>
    public override string ToString() => IsClean
        ? $"Cache '{CacheName}': every object was freed."
        : $"Cache '{CacheName}' still has {LiveObjects} object(s), among them {string.Join(", ", Addresses.Take(4).Select(a => $"0x{a:x}"))}.";
}
