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

    /// <summary>
    /// Where they were allocated, as stack traces, in the order of <see cref="Addresses"/>; empty if nobody noted that.
    /// A <see cref="SlabMemoryPool"/> does in checked mode.
    /// </summary>
    public IReadOnlyList<string> Sites { get; init; } = [];

    /// <summary>Whether every object had been freed.</summary>
    public bool IsClean => LiveObjects == 0;

    /// <inheritdoc/>
    public override string ToString() => IsClean
        ? $"Cache '{CacheName}': every object was freed."
        : $"Cache '{CacheName}' still has {LiveObjects} object(s){Among}.{FirstSite}";

    private string Among =>
        Addresses.Count == 0 ? "" : $", among them {string.Join(", ", Addresses.Take(4).Select(a => $"0x{a:x}"))}";

    private string FirstSite => Sites.Count == 0 ? "" : $" The first was allocated{Environment.NewLine}{Sites[0]}";
}
