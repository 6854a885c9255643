using System.Diagnostics;

namespace SlabGen.Benchmarks.Workloads;

/// <summary>One workload on one allocator: the code that is timed, and its live objects.</summary>
internal abstract class Lane(string allocator) : IDisposable
{
    public string Allocator => allocator;

    /// <summary>Objects allocated and freed by one <see cref="Call"/>.</summary>
    public abstract int ObjectsPerCall { get; }

    /// <summary>The timed loop, for some ten microseconds or more.</summary>
    public abstract void Call();

    /// <summary>The time of a call.</summary>
    public virtual TimeSpan Time()
    {
        long start = Stopwatch.GetTimestamp();
        Call();
        return Stopwatch.GetElapsedTime(start);
    }

    /// <summary>Frees what is live.</summary>
    public abstract void Dispose();
}
