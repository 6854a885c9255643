using System.Diagnostics;
using System.Reflection;
using System.Text;
using System.Text.Json;

namespace SlabGen.TraceReplay;

/// <summary>The figures of a replay.</summary>
internal sealed class Report
{
    public required string Trace { get; init; }

    public required string Allocator { get; init; }

    public required int Operations { get; init; }

    public required int Threads { get; init; }

    /// <summary>Wall time from the first operation on any thread to the last, divided by the number of operations. The median of <see cref="Repeats"/>.</summary>
    public required double NanosecondsPerOperation { get; init; }

    public required int Repeats { get; init; }

    /// <summary>The largest sum of the sizes of live objects, from the trace alone.</summary>
    public required long PeakLiveBytes { get; init; }

    /// <summary>The peak that the allocator counted in the untimed run (pass 1). <see cref="PeakResidentGrowth"/> if it has no count (malloc).</summary>
    public required long PeakCommittedBytes { get; init; }

    /// <summary>The same after pass 1, when every object is freed, the threads are idle and the allocator was told to shrink.</summary>
    public required long CommittedBytesAfterShrink { get; init; }

    /// <summary>Whether the committed bytes are the allocator's own count.</summary>
    public required bool CountsItself { get; init; }

    /// <summary>Whether resident memory can be read on this system.</summary>
    public required bool ResidentIsKnown { get; init; }

    /// <summary>
    /// How much the process's anonymous resident memory grew in pass 1. Taken for every allocator: malloc has no other figure,
    /// and SlabGen's own count is checked against it. It includes the threads' stacks, and misses a peak between two samples.
    /// </summary>
    public required long PeakResidentGrowth { get; init; }

    public required long ResidentGrowthAfterShrink { get; init; }

    /// <summary>What was wrong first, or null if every byte of every stamp was right.</summary>
    public required string? FirstWrongStamp { get; init; }

    public bool Verified => FirstWrongStamp is null;

    /// <summary>0 if it cannot be measured on this system, or if nothing was ever live.</summary>
    public double OverheadPercent => PeakLiveBytes == 0 || !(CountsItself || ResidentIsKnown)
        ? 0
        : 100.0 * (PeakCommittedBytes - PeakLiveBytes) / PeakLiveBytes;

    /// <summary>One JSON object on one line.</summary>
    public string ToJson()
    {
        using var stream = new MemoryStream();

        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteString("allocator", Allocator);
            json.WriteNumber("operations", Operations);
            json.WriteNumber("threads", Threads);
            json.WriteNumber("nanosecondsPerOperation", Math.Round(NanosecondsPerOperation, 3));
            json.WriteNumber("peakLiveBytes", PeakLiveBytes);
            json.WriteNumber("peakCommittedBytes", PeakCommittedBytes);
            json.WriteNumber("overheadPercent", Math.Round(OverheadPercent, 3));
            json.WriteBoolean("verified", Verified);
            json.WriteNumber("committedBytesAfterShrink", CommittedBytesAfterShrink);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }

    /// <summary>An aligned table.</summary>
    public string ToText()
    {
        string how = CountsItself ? "the allocator's count" : "growth of resident memory";
        bool known = CountsItself || ResidentIsKnown;
        string notKnown = "not measured on this system";

        var text = new StringBuilder()
            .AppendLine($"trace                   {Trace}")
            .AppendLine($"allocator               {Allocator}")
            .AppendLine($"operations              {Operations,14:N0}")
            .AppendLine($"threads                 {Threads,14:N0}")
            .AppendLine($"time                    {NanosecondsPerOperation,14:N2} ns per operation, median of {Repeats} replays")
            .AppendLine($"peak live               {PeakLiveBytes,14:N0} bytes")
            .AppendLine(known ? $"peak committed          {PeakCommittedBytes,14:N0} bytes, {how}" : $"peak committed          {notKnown}")
            .AppendLine(known ? $"overhead                {OverheadPercent,14:N2} %" : $"overhead                {notKnown}")
            .AppendLine(known ? $"committed after shrink  {CommittedBytesAfterShrink,14:N0} bytes, {how}" : $"committed after shrink  {notKnown}");

        if (CountsItself && ResidentIsKnown)
        {
            _ = text
                .AppendLine($"resident growth, peak   {PeakResidentGrowth,14:N0} bytes")
                .AppendLine($"resident, after shrink  {ResidentGrowthAfterShrink,14:N0} bytes");
        }

        _ = text.Append($"verified                {(Verified ? "yes, every byte of every object" : "NO")}");

        if (typeof(SlabRuntime).Assembly.GetCustomAttribute<DebuggableAttribute>() is { IsJITOptimizerDisabled: true })
        {
            _ = text.AppendLine().Append("note                    this is a debug build; run with -c Release for meaningful times");
        }

        return text.ToString();
    }
}
