using System.Diagnostics.Metrics;
using System.Diagnostics.Tracing;
using SlabGen.Metrics;

namespace SlabGen.Tests.Diagnostics;

/// <summary>Listeners as a program has them.</summary>
internal static class Listening
{
    /// <summary>What the meter says of one runtime, by instrument and the other tags in their order.</summary>
    public static Dictionary<string, long> Metrics(string runtime)
    {
        var values = new Dictionary<string, long>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (instrument.Meter.Name == SlabMeter.Name)
            {
                l.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
        {
            if (tags[0].Value as string == runtime)
            {
                values.Add(string.Join(' ', [instrument.Name, .. tags[1..].ToArray().Select(tag => $"{tag.Value}")]), value);
            }
        });
        listener.Start();
        listener.RecordObservableInstruments();
        return values;
    }

    /// <summary>A runtime that is among the largest, whatever tests before left behind.</summary>
    public static SlabRuntime Large(string name)
    {
        var runtime = new SlabRuntime(new SlabRuntimeOptions
        {
            Name = name,
            MemoryLimit = 96 << 20,
            ReapInterval = Timeout.InfiniteTimeSpan,
            Pressure = TestRuntime.NoPressure,
        });
        var blocks = new PagePtr[16];
        for (int i = 0; i < blocks.Length; i++)
        {
            blocks[i] = runtime.Pages.AllocPages(GfpFlags.Kernel, PageAllocator.MaxOrder);
        }

        Array.ForEach(blocks, runtime.Pages.FreePages); // what a runtime once had decides who is named
        return runtime;
    }

    /// <summary>Hears the event source for as long as it lives, and keeps the events of one runtime.</summary>
    public sealed class Ear(string runtime, Action? then = null) : EventListener
    {
        private readonly List<string> _heard = [];

        public string[] Heard
        {
            get
            {
                lock (_heard)
                {
                    return [.. _heard];
                }
            }
        }

        protected override void OnEventSourceCreated(EventSource eventSource)
        {
            if (eventSource.Name == SlabMeter.Name)
            {
                EnableEvents(eventSource, EventLevel.Verbose, EventKeywords.All);
            }
        }

        protected override void OnEventWritten(EventWrittenEventArgs eventData)
        {
            if (eventData.EventSource.Name != SlabMeter.Name || eventData.Payload?[0] as string != runtime)
            {
                return;
            }

            lock (_heard)
            {
                _heard.Add(eventData.EventName + " " + string.Join(' ', eventData.Payload.Skip(1)));
            }

            then?.Invoke();
        }
    }
}
