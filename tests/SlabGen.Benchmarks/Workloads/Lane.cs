namespace SlabGen.Benchmarks.Workloads;

/// <summary>One workload on one allocator: the code that is timed, and its live objects.</summary>
internal abstract class Lane : IDisposable
{
    public abstract string Allocator { get; }

    /// <summary>Objects allocated and freed by one <see cref="Call"/>.</summary>
    public abstract int ObjectsPerCall { get; }

    /// <summary>
    /// Enters the timed loop for <see cref="TierOne.WarmUpIterations"/> iterations, so that it comes to its last tier
    /// by being called, as the users' code does, and not by on-stack replacement, which makes another program of it.
    /// </summary>
    public abstract void WarmUp();

    /// <summary>The timed loop, for some ten microseconds or more.</summary>
    public abstract void Call();

    /// <summary>Frees what is live.</summary>
    public abstract void Dispose();
}
