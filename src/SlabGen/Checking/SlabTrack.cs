namespace SlabGen;

/// <summary>
/// Who allocated or freed an object, and when: the kernel's <c>struct track</c>.
/// </summary>
public sealed class SlabTrack
{
    internal SlabTrack(int threadId, DateTimeOffset time, string? stack)
    {
        ThreadId = threadId;
        Time = time;
        Stack = stack;
    }

    /// <summary>The managed id of the thread.</summary>
    public int ThreadId { get; }

    /// <summary>When it was.</summary>
    public DateTimeOffset Time { get; }

    /// <summary>
    /// The calls that led there, one to a line, or null if they were not recorded. It is text, so that it keeps no code
    /// of the program loaded.
    /// </summary>
    public string? Stack { get; }

    /// <inheritdoc/>
    public override string ToString() => $"by thread {ThreadId} at {Time.UtcDateTime:O}{Stack}";
}
