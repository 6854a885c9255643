using SlabGen.Memory;

namespace SlabGen;

/// <summary>The sizes of a <see cref="SlabRuntime"/>.</summary>
public sealed record SlabRuntimeOptions
{
    /// <summary>
    /// Bytes that may be held at once, slabs and their metadata included; at least a page. Page frames come on top: 32
    /// bytes for each page in use, 0.8 % with pages of 4 KiB. By default three quarters of the memory that the machine or
    /// the container has (<see cref="GCMemoryInfo.TotalAvailableMemoryBytes"/>).
    /// </summary>
    public long MemoryLimit { get; init; } = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4 * 3;

    /// <summary>Processors to lay slabs out for: more of them make for more objects in a slab (<c>calculate_order</c>).</summary>
    public int Processors { get; init; } = Environment.ProcessorCount;

    /// <summary>
    /// Verify every call at once, at the cost of a lock per call. By default, whether the environment variable
    /// <c>SLABGEN_DEBUG</c> is set to anything but <c>0</c>.
    /// </summary>
    public bool Checked { get; init; } = Environment.GetEnvironmentVariable("SLABGEN_DEBUG") is { Length: > 0 } and not "0";

    /// <summary>Where memory comes from.</summary>
    internal IOsMemory Memory { get; init; } = OsMemory.Current;
}
