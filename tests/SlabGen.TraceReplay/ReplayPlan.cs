using System.Runtime.InteropServices;

namespace SlabGen.TraceReplay;

/// <summary>One operation of one thread, as small as it gets: the timed loop reads these one after the other.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal readonly struct Operation(TraceRecord record)
{
    private readonly int _object = record.Frees ? ~record.Object : record.Object;

    /// <summary>The object's size in bytes.</summary>
    public readonly long Size = record.Size;

    public bool Frees => _object < 0;

    /// <summary>The object to allocate.</summary>
    public int Allocated => _object;

    /// <summary>The object to free.</summary>
    public int Freed => ~_object;
}

/// <summary>A trace cut into what each thread does, made before anything is timed. Immutable.</summary>
internal sealed class ReplayPlan
{
    /// <summary>By thread: its operations, in the order of the trace.</summary>
    public Operation[][] Operations { get; }

    /// <summary>By thread: the operations that free the objects it allocated and the program never freed.</summary>
    public Operation[][] Leftovers { get; }

    /// <summary>By object: the thread that allocates it.</summary>
    public byte[] Allocators { get; }

    public ReplayPlan(Trace trace)
    {
        var leftLive = new bool[trace.ObjectCount];
        Allocators = new byte[trace.ObjectCount];

        foreach (TraceRecord record in trace.Records)
        {
            leftLive[record.Object] = !record.Frees;

            if (!record.Frees)
            {
                Allocators[record.Object] = record.Thread;
            }
        }

        Operations = ByThread(trace.ThreadCount, trace.Records);
        Leftovers = ByThread(
            trace.ThreadCount,
            trace.Records.Where(record => !record.Frees && leftLive[record.Object]).Select(record => record with { Frees = true }));
    }

    private static Operation[][] ByThread(int threads, IEnumerable<TraceRecord> records)
    {
        var lists = new List<Operation>[threads];

        for (int i = 0; i < threads; i++)
        {
            lists[i] = [];
        }

        foreach (TraceRecord record in records)
        {
            lists[record.Thread].Add(new Operation(record));
        }

        return Array.ConvertAll(lists, list => list.ToArray());
    }
}
