using System.Buffers;

namespace SlabGen.AspNetCore;

/// <summary>
/// The memory of one owner: a <see cref="Kmalloc"/>, a pool over it, and what the instruments were told.
/// </summary>
/// <remarks>
/// The framework counts at each renting what it pools, allocates and evicts. Slabs do that behind the pool, for the
/// most part without anybody's call: so the counts are read from a snapshot now and then, and the instruments told the
/// difference to what they were told before (<see cref="_told"/>, under <see cref="_telling"/>). What is rented is told
/// at the renting, if anybody listens.
/// </remarks>
internal sealed class OwnedBuffers : IDisposable
{
    /// <summary>The largest buffer: what lies in caches, and so in the snapshots.</summary>
    private const int MaxBufferSize = 1 << 20;

    private const int MaxNameLength = 200;

    private readonly Kmalloc _kmalloc;
    private readonly SlabMemoryPool _pool;
    private readonly PoolInstruments? _instruments;
    private readonly KeyValuePair<string, object?>[] _tags;
    private readonly Lock _telling = new();
    private (long Pooled, long Allocated, long Evicted) _told; // _telling
    private bool _ended; // _telling

    public OwnedBuffers(SlabRuntime runtime, string owner, PoolInstruments? instruments)
    {
        _kmalloc = runtime.CreateKmalloc(NameFor(owner));
        _pool = new SlabMemoryPool(_kmalloc, _kmalloc.Name, MaxBufferSize);
        _instruments = instruments;
        _tags = owner.Length == 0 ? [] : [new KeyValuePair<string, object?>(PoolInstruments.OwnerTag, owner)];
    }

    public IMemoryOwner<byte> Rent(int minBufferSize)
    {
        IMemoryOwner<byte> buffer = _pool.Rent(minBufferSize);
        if (_instruments is { IsRentedEnabled: true } instruments)
        {
            instruments.AddRented(buffer.Memory.Length, _tags);
        }

        return buffer;
    }

    public int MaxSize => _pool.MaxBufferSize;

    public void Tell()
    {
        lock (_telling)
        {
            if (_ended)
            {
                return;
            }

            KmallocSnapshot now = _kmalloc.Snapshot();
            (long Pooled, long Allocated, long Evicted) counts =
                (Math.Max(0, now.Bytes - now.LiveBytes), now.MadeBytes, Math.Max(0, now.MadeBytes - now.Bytes));
            // Threads at work are not stopped for a snapshot: what only grows must not seem to shrink.
            counts.Evicted = Math.Max(counts.Evicted, _told.Evicted);
            _instruments!.Add(counts.Pooled - _told.Pooled, counts.Allocated - _told.Allocated,
                counts.Evicted - _told.Evicted, _tags);
            _told = counts;
        }
    }

    /// <summary>
    /// Ends the pool, and its caches if nothing is rented. Otherwise they stay, for buffers that come back yet.
    /// </summary>
    public void Dispose()
    {
        lock (_telling)
        {
            _ended = true;
        }

        try
        {
            _pool.Dispose();
        }
        finally
        {
            if (_pool.RentedBuffers == 0)
            {
                _kmalloc.Destroy();
            }
        }
    }

    /// <summary>A name that a cache may have: an owner's may be any text.</summary>
    private static string NameFor(string owner)
    {
        ReadOnlySpan<char> start = owner.AsSpan(0, Math.Min(owner.Length, MaxNameLength));
        return start.IsEmpty ? "aspnetcore" : string.Concat("aspnetcore-", string.Create(start.Length, owner,
            static (name, owner) =>
            {
                for (int i = 0; i < name.Length; i++)
                {
                    name[i] = owner[i] is > ' ' and < '\x7f' ? owner[i] : '_';
                }
            }));
    }
}
