namespace SlabGen.TraceReplay;

/// <summary>One record of a trace: a thread allocates or frees an object.</summary>
/// <param name="Object">The object, numbered from 0 in the order of allocation.</param>
/// <param name="Thread">The thread, numbered from 0.</param>
/// <param name="Frees">Whether the object is freed.</param>
/// <param name="Size">The object's size in bytes, for a free too.</param>
internal readonly record struct TraceRecord(int Object, byte Thread, bool Frees, long Size);

/// <summary>A trace that was read and found sound. Immutable.</summary>
internal sealed class Trace
{
    /// <summary>The file's name, for reports.</summary>
    public required string Name { get; init; }

    public required TraceRecord[] Records { get; init; }

    public required int ObjectCount { get; init; }

    public required int ThreadCount { get; init; }

    /// <summary>The largest sum of the sizes of live objects, in the order of the records.</summary>
    public required long PeakLiveBytes { get; init; }

    /// <summary>The index of the record that reached <see cref="PeakLiveBytes"/>.</summary>
    public required int PeakRecord { get; init; }
}
