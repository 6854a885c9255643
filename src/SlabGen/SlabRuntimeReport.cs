namespace SlabGen;

/// <summary>What the end of a runtime found: objects and pages that were never freed, and errors that no call had thrown.</summary>
/// <param name="Leaks">The caches with live objects, including those that were destroyed before.</param>
/// <param name="PageBytes">Bytes of blocks in whole pages, of <see cref="Kmalloc"/> or of the page allocator, that were never freed.</param>
/// <param name="Error">What went wrong: a bad pointer in a magazine, what a destructor threw, or a shrinker in the background, or why the
/// end itself failed. Several make an <see cref="AggregateException"/>.</param>
public sealed record SlabRuntimeReport(IReadOnlyList<LeakReport> Leaks, long PageBytes, Exception? Error)
{
    /// <summary>The caches with live objects, those too that were destroyed before.</summary>
    public IReadOnlyList<LeakReport> Leaks { get; } = Leaks;

    /// <summary>Bytes of blocks in whole pages, of <see cref="Kmalloc"/> or of the page allocator, that were never freed.</summary>
    public long PageBytes { get; } = PageBytes;

    /// <summary>A bad pointer that was found in a magazine, what a destructor threw, or a shrinker in the background; what the end itself failed with. Of several an <see cref="AggregateException"/>.</summary>
    public Exception? Error { get; } = Error;

    /// <summary>Whether something is still live: then the memory of the runtime stays mapped, so that no pointer dangles.</summary>
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
