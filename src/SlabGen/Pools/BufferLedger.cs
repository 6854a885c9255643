using SlabGen.Memory;

namespace SlabGen.Pools;

/// <summary>
/// What a <see cref="SlabMemoryPool"/> knows of its buffers: how many are rented; in checked mode also which.
/// </summary>
/// <remarks>
/// The count lies in cells that are a cache line apart, one to a few processors, so that threads that rent and give
/// back do not wait for each other. A buffer may be counted in one cell and discounted in another: only the sum says
/// something. <see cref="_rented"/> is under <see cref="_lock"/>, a leaf.
/// </remarks>
internal sealed class BufferLedger(string name, bool isChecked)
{
    private const int Stride = 16; // two cache lines: processors fetch them in pairs
    private const int MostCells = 64, ReportedBuffers = 16;

    private static readonly int s_cells =
        (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Min(Environment.ProcessorCount, MostCells));

    private readonly UninterruptibleLock _lock = new();
    private readonly HashSet<PooledBuffer>? _rented = isChecked ? [] : null; // lock
    private readonly long[] _counts = new long[(s_cells + 1) * Stride]; // interlocked; the first cell has no neighbour

    public string Name => name;

    public bool IsChecked => _rented is not null;

    /// <summary>The buffers that are rented.</summary>
    public long Count
    {
        get
        {
            long sum = 0;
            for (int cell = 1; cell <= s_cells; cell++)
            {
                sum += Volatile.Read(ref _counts[cell * Stride]);
            }

            return Math.Max(0, sum); // they are not read at one moment
        }
    }

    public void Add(PooledBuffer buffer)
    {
        if (_rented is not null)
        {
            using (_lock.Hold())
            {
                _rented.Add(buffer);
            }
        }

        Interlocked.Increment(ref Cell());
    }

    public void Remove(PooledBuffer buffer)
    {
        if (_rented is not null)
        {
            using (_lock.Hold())
            {
                _rented.Remove(buffer);
            }
        }

        Interlocked.Decrement(ref Cell());
    }

    /// <summary>What is rented now, with the sites of the first buffers in checked mode.</summary>
    public LeakReport Report()
    {
        PooledBuffer[] first = [];
        if (_rented is not null)
        {
            using (_lock.Hold())
            {
                first = [.. _rented.Take(ReportedBuffers)];
            }
        }

        return new LeakReport(name, Count, [.. first.Select(buffer => buffer.Address)])
        {
            Sites = [.. first.Select(buffer => buffer.Site)],
        };
    }

    private ref long Cell() =>
        ref _counts[((Thread.GetCurrentProcessorId() & (s_cells - 1)) + 1) * Stride];
}
