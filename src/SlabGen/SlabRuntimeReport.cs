namespace SlabGen;

/// <summary>
/// What the end of a runtime found: objects and pages that were never freed, and errors that no call had thrown.
/// </summary>
/// <param name="Leaks">The caches with live objects, including those that were destroyed before.</param>
/// <param name="PageBytes">Bytes of whole-page blocks, of <see cref="Kmalloc"/> or of the page allocator, that were
/// never freed.</param>
/// <param name="Error">What went wrong: a bad pointer in a magazine, an exception of a destructor or of a shrinker in
/// the background, or a failure of the end itself. Several make an <see cref="AggregateException"/>.</param>
public sealed record SlabRuntimeReport(IReadOnlyList<LeakReport> Leaks, long PageBytes, Exception? Error)
{
    /// <summary>The caches with live objects, including those that were destroyed before.</summary>
    public IReadOnlyList<LeakReport> Leaks { get; } = Leaks;

    /// <summary>
    /// Bytes of whole-page blocks, of <see cref="Kmalloc"/> or of the page allocator, that were never freed.
    /// </summary>
    public long PageBytes { get; } = PageBytes;

    /// <summary>
    /// What went wrong: a bad pointer in a magazine, an exception of a destructor or of a shrinker in the background,
    /// or a failure of the end itself. Several make an <see cref="AggregateException"/>.
    /// </summary>
    public Exception? Error { get; } = Error;

    /// <summary>
    /// Whether something is still live. The memory of the runtime then stays mapped, so that no pointer dangles.
    /// </summary>
    public bool HasLeaks => Leaks.Count > 0 || PageBytes > 0;

    /// <summary>Whether everything had been freed, and nothing went wrong.</summary>
    public bool IsClean => !HasLeaks && Error is null;

    /// <inheritdoc/>
    public override string ToString()
    {
        List<string> lines = [.. Leaks.Select(leak => leak.ToString())];
        if (PageBytes > 0)
        {
            lines.Add($"Blocks of {PageBytes} bytes in whole pages, of Kmalloc or the page allocator, were never freed.");
        }

        if (Error is not null)
        {
            lines.Add(Error.Message);
        }

        return lines.Count > 0 ? string.Join(Environment.NewLine, lines) : "Everything was freed.";
    }
}
