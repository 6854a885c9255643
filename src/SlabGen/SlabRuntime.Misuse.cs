using SlabGen.Checking;

namespace SlabGen;

// What tells of misuse as it is found.
public sealed partial class SlabRuntime
{
    /// <summary>
    /// Raised when a cache tells of a misuse, of any runtime of the process: right before the
    /// <see cref="SlabException"/> is thrown, on the thread that gets it, so that a program which catches and goes on
    /// has its report. Once for each.
    /// </summary>
    /// <remarks>
    /// No lock of the allocator is held. What a handler throws comes out of a later slow call on the cache; the other
    /// handlers are called all the same. A misuse inside a handler is not told to it.
    /// </remarks>
    public static event Action<SlabReport>? MisuseFound
    {
        add => MisuseEvent.Found += value;
        remove => MisuseEvent.Found -= value;
    }

    /// <summary>
    /// Where the lines of caches with <see cref="SlabDebug.Trace"/> go, of all runtimes; null for the standard error.
    /// It is called by any thread, without a lock. What it throws comes out of a later slow call on the cache.
    /// </summary>
    public static TextWriter? TraceWriter
    {
        get => TraceLines.Writer;
        set => TraceLines.Writer = value;
    }
}
