using System.Diagnostics.Tracing;

namespace SlabGen.Events;

/// <summary>
/// The event source <c>SlabGen</c>, for <c>dotnet-trace</c>, <c>EventListener</c> and ETW. Its events are told by
/// <see cref="SlabEvents"/>, where no lock is held.
/// </summary>
/// <remarks>Ids, names and payloads are read by tools, and stay as they are: a new payload gets a new event.</remarks>
[EventSource(Name = "SlabGen")]
internal sealed class SlabEventSource : EventSource
{
    private SlabEventSource()
    {
    }

    public static SlabEventSource Log { get; } = new();

    /// <summary>A slab was made and serves the cache.</summary>
    [Event(1, Level = EventLevel.Informational, Keywords = Keywords.Slabs)]
    public void SlabMade(string runtime, string cache, long address, long bytes) =>
        WriteEvent(1, runtime, cache, address, bytes);

    /// <summary>A slab became empty and left the cache.</summary>
    [Event(2, Level = EventLevel.Informational, Keywords = Keywords.Slabs)]
    public void SlabDiscarded(string runtime, string cache, long address, long bytes) =>
        WriteEvent(2, runtime, cache, address, bytes);

    /// <summary>An object was moved by its user's callback.</summary>
    [Event(3, Level = EventLevel.Informational, Keywords = Keywords.Slabs)]
    public void ObjectMoved(string runtime, string cache, long from, long to) =>
        WriteEvent(3, runtime, cache, from, to);

    /// <summary>A request failed at a limit: of the cache or of its account.</summary>
    [Event(4, Level = EventLevel.Informational, Keywords = Keywords.Limits)]
    public void LimitReached(string runtime, string cache, string limit, long objects) =>
        WriteEvent(4, runtime, cache, limit, objects);

    /// <summary>A request failed because memory ran out.</summary>
    [Event(5, Level = EventLevel.Warning, Keywords = Keywords.Limits)]
    public void OutOfMemory(string runtime, string cache, long objects) => WriteEvent(5, runtime, cache, objects);

    /// <summary>A misuse was found, at the call or later, as <see cref="SlabRuntime.MisuseFound"/> tells it.</summary>
    [Event(6, Level = EventLevel.Error, Keywords = Keywords.Misuse)]
    public void MisuseFound(string cache, string fault, long address) => WriteEvent(6, cache, fault, address);

    /// <summary>An interval ended; what was idle went back.</summary>
    [Event(7, Level = EventLevel.Informational, Keywords = Keywords.Reclaim)]
    public void Reaped(string runtime, long bytes) => WriteEvent(7, runtime, bytes);

    /// <summary>The machine or the container was short of memory, and the runtime gave what it could.</summary>
    [Event(8, Level = EventLevel.Warning, Keywords = Keywords.Reclaim)]
    public void PressureRelieved(string runtime, long bytes) => WriteEvent(8, runtime, bytes);

    /// <summary>Memory was taken back for a request or a watermark.</summary>
    [Event(9, Level = EventLevel.Informational, Keywords = Keywords.Reclaim)]
    public void MemoryReclaimed(string runtime, string kind, long bytes) => WriteEvent(9, runtime, kind, bytes);

    /// <summary>More happened at once than could wait to be told.</summary>
    [Event(10, Level = EventLevel.Warning)]
    public void EventsLost(long events) => WriteEvent(10, events);

    [NonEvent]
    internal void Tell(in SlabEvent what, long lost)
    {
        if (lost > 0)
        {
            EventsLost(lost);
        }

        switch (what.Kind)
        {
            case SlabEventKind.SlabMade:
                SlabMade(what.Runtime, what.Cache, what.First, what.Second);
                break;
            case SlabEventKind.SlabDiscarded:
                SlabDiscarded(what.Runtime, what.Cache, what.First, what.Second);
                break;
            case SlabEventKind.ObjectMoved:
                ObjectMoved(what.Runtime, what.Cache, what.First, what.Second);
                break;
            case SlabEventKind.LimitReached:
                LimitReached(what.Runtime, what.Cache, what.Text, what.First);
                break;
            case SlabEventKind.OutOfMemory:
                OutOfMemory(what.Runtime, what.Cache, what.First);
                break;
            case SlabEventKind.MisuseFound:
                MisuseFound(what.Cache, what.Text, what.First);
                break;
            case SlabEventKind.Reaped:
                Reaped(what.Runtime, what.First);
                break;
            case SlabEventKind.PressureRelieved:
                PressureRelieved(what.Runtime, what.First);
                break;
            default:
                MemoryReclaimed(what.Runtime, what.Text, what.First);
                break;
        }
    }

    /// <inheritdoc/>
    protected override void OnEventCommand(EventCommandEventArgs command) => SlabEvents.Turn(IsEnabled());

    /// <summary>What a listener may ask for alone.</summary>
    public static class Keywords
    {
        public const EventKeywords Slabs = (EventKeywords)1, Limits = (EventKeywords)2, Misuse = (EventKeywords)4,
            Reclaim = (EventKeywords)8;
    }
}
