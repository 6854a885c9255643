using SlabGen.Events;
using SlabGen.Memory;

namespace SlabGen.Checking;

/// <summary>Behind <see cref="SlabRuntime.MisuseFound"/>, and the event of the event source.</summary>
internal static class MisuseEvent
{
    private static Action<SlabReport>? s_found; // any thread

    [ThreadStatic]
    private static bool t_isTelling; // a handler that makes the same mistake is told nothing

    public static event Action<SlabReport>? Found
    {
        add => s_found += value;
        remove => s_found -= value;
    }

    /// <summary>Tells the handlers. The caller holds no lock.</summary>
    /// <param name="report">What was found.</param>
    /// <param name="later">Keeps what they throw, if given.</param>
    public static void Raise(SlabReport report, PendingErrors? later)
    {
        if (SlabEvents.IsOn)
        {
            SlabEvents.Note(new SlabEvent(SlabEventKind.MisuseFound, "", report.CacheName, report.Address,
                Text: report.Fault.ToString()));
            SlabEvents.Tell();
        }

        Action<SlabReport>? handlers = Volatile.Read(ref s_found);
        if (handlers is null || t_isTelling)
        {
            return;
        }

        t_isTelling = true;
        try
        {
            FoundErrors thrown = Handlers.Tell(handlers, handler => handler(report));
            if (later is not null)
            {
                thrown.Keep(later);
            }
        }
        finally
        {
            t_isTelling = false;
        }
    }
}
