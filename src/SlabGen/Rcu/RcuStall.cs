namespace SlabGen;

/// <summary>
/// A grace period that takes long, and the threads that it waits for (the kernel's RCU stall warning).
/// </summary>
public sealed class RcuStall
{
    internal RcuStall(IReadOnlyList<Thread> readers, TimeSpan waited) => (Readers, Waited) = (readers, waited);

    /// <summary>
    /// The threads that were inside a read-side section at that moment. One of them left a section open, or is slow
    /// inside one.
    /// </summary>
    public IReadOnlyList<Thread> Readers { get; }

    /// <summary>How long the grace period has been waited for.</summary>
    public TimeSpan Waited { get; }

    /// <inheritdoc/>
    public override string ToString() =>
        $"A grace period has been waited for {Waited.TotalSeconds:F0} s. Read-side sections of Rcu are open on {Readers.Count} thread(s): {string.Join(", ", Readers.Select(Name))}.";

    private static string Name(Thread thread) =>
        thread.Name is { Length: > 0 } name ? $"{thread.ManagedThreadId} ('{name}')" : $"{thread.ManagedThreadId}";
}
