using System.Diagnostics;

namespace SlabGen;

/// <summary>
/// Who allocated or freed an object, and when: the kernel's <c>struct track</c>.
/// </summary>
public sealed class SlabTrack
{
    internal SlabTrack(int threadId, DateTimeOffset time, StackTrace? stack)
    {
        ThreadId = threadId;
        Time = time;
        Stack = stack;
    }

    /// <summary>The managed id of the thread.</summary>
    public int ThreadId { get; }

    /// <summary>When it was.</summary>
    public DateTimeOffset Time { get; }

    /// <summary>The calls that led there, or null if they were not recorded.</summary>
    public StackTrace? Stack { get; }

    /// <inheritdoc/>
    public override string ToString() => $"thread {ThreadId} at {Time:O}{(Stack is null ? "" : $"{Environment.NewLine}{Stack}")}";
}
