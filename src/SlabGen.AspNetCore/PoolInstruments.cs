using System.Diagnostics.Metrics;

namespace SlabGen.AspNetCore;

/// <summary>
/// The instruments of ASP.NET's own memory pool, of the same meter, names, kinds, units and descriptions.
/// </summary>
/// <remarks>
/// A meter gives the same instrument to all who ask for the same: where the framework has made them already, these are
/// its own, and nobody sees two of a name. A test compares them with the framework's.
/// </remarks>
internal sealed class PoolInstruments
{
    public const string OwnerTag = "aspnetcore.memory_pool.owner";

    private readonly UpDownCounter<long> _pooled;
    private readonly Counter<long> _allocated;
    private readonly Counter<long> _evicted;
    private readonly Counter<long> _rented;

    public PoolInstruments(IMeterFactory meters)
    {
        Meter meter = meters.Create("Microsoft.AspNetCore.MemoryPool");
        _pooled = meter.CreateUpDownCounter<long>("aspnetcore.memory_pool.pooled", "By",
            "Number of bytes currently pooled and available for reuse.");
        _allocated = meter.CreateCounter<long>("aspnetcore.memory_pool.allocated", "By",
            "Total number of bytes allocated by the memory pool. Allocation occurs when a memory rental request exceeds the available pooled memory.");
        _evicted = meter.CreateCounter<long>("aspnetcore.memory_pool.evicted", "By",
            "Total number of bytes evicted from the memory pool. Eviction occurs when idle pooled memory is reclaimed. Evicted memory is available for garbage collection.");
        _rented = meter.CreateCounter<long>("aspnetcore.memory_pool.rented", "By",
            "Total number of bytes rented from the memory pool.");
    }

    public bool IsRentedEnabled => _rented.Enabled;

    /// <summary>Whether anybody listens to what a snapshot must be taken for.</summary>
    public bool AreCountsEnabled => _pooled.Enabled || _allocated.Enabled || _evicted.Enabled;

    public void AddRented(long bytes, ReadOnlySpan<KeyValuePair<string, object?>> tags) => _rented.Add(bytes, tags);

    public void Add(long pooled, long allocated, long evicted, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        _pooled.Add(pooled, tags);
        _allocated.Add(allocated, tags);
        _evicted.Add(evicted, tags);
    }
}
