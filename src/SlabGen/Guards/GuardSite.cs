using System.Globalization;
using SlabGen.Memory;

namespace SlabGen.Guards;

/// <summary>Who allocated or freed a guarded object: thread, time and stack, as text.</summary>
/// <remarks>The text is made at once (<see cref="CallStack"/>).</remarks>
internal sealed class GuardSite
{
    private GuardSite(string text) => Text = text;

    /// <summary>The thread and the time, and the stack in lines of its own.</summary>
    public string Text { get; }

    /// <summary>The call that is running. The caller holds no lock.</summary>
    public static GuardSite Capture()
    {
        Thread thread = Thread.CurrentThread;
        string name = thread.Name is { Length: > 0 } given ? $" '{given}'" : "";
        return new GuardSite(string.Create(
            CultureInfo.InvariantCulture,
            $"by thread {thread.ManagedThreadId}{name} at {DateTime.UtcNow:O}{CallStack.Capture()}"));
    }
}
