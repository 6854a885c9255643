using System.Numerics;
using SlabGen;

namespace MatchingEngine.Slabs;

/// <summary>
/// Finds an order by its id: a hash table with open addressing in one native block. At most three quarters of it are used;
/// beyond that it moves to a block of twice the size, in one go.
/// </summary>
internal sealed class OrderIndex : IDisposable
{
    private const int LeastCapacity = 16;
    private const int MostCapacity = 1 << 26; // a block has at most int.MaxValue bytes

    private KmallocBlock _entries;
    private int _mask;
    private int _shift;

    /// <param name="capacity">Orders for which there is room at once.</param>
    public OrderIndex(int capacity)
    {
        long wanted = Math.Max(LeastCapacity, (long)capacity * 4 / 3);
        int entries = (int)Math.Min(MostCapacity, (long)BitOperations.RoundUpToPowerOf2((ulong)wanted));
        _entries = SlabRuntime.Default.Kmalloc.AllocBlock<Entry>(entries);
        Begin(entries);
    }

    public int Count { get; private set; }

    private Span<Entry> Entries => _entries.AsSpan<Entry>();

    /// <summary>Finds an order; null if there is none with the id.</summary>
    public OrderPtr Find(long id)
    {
        Span<Entry> entries = Entries;
        return entries[Probe(entries, id)].Order;
    }

    /// <summary>Makes room for one more order.</summary>
    /// <returns>Whether there was memory. If not, nothing has changed.</returns>
    public bool TryReserve() => Count < (_mask + 1L) * 3 / 4 || TryGrow();

    /// <summary>Adds an order whose id is not in the table, after <see cref="TryReserve"/>.</summary>
    public void Add(long id, OrderPtr order)
    {
        Span<Entry> entries = Entries;
        entries[Probe(entries, id)] = new Entry { Id = id, Order = order };
        Count++;
    }

    /// <summary>Removes an id that is in the table, and moves those behind it up, so that no search ends too early.</summary>
    public void Remove(long id)
    {
        Span<Entry> entries = Entries;
        int hole = Probe(entries, id);
        for (int i = (hole + 1) & _mask; !entries[i].Order.IsNull; i = (i + 1) & _mask)
        {
            int home = Home(entries[i].Id);
            if (((i - home) & _mask) >= ((i - hole) & _mask))
            {
                entries[hole] = entries[i];
                hole = i;
            }
        }

        entries[hole] = default;
        Count--;
    }

    public void Dispose() => _entries.Dispose();

    private bool TryGrow()
    {
        int capacity = _mask + 1;
        if (capacity == MostCapacity || !SlabRuntime.Default.Kmalloc.TryAllocBlock(capacity * 2 * Entry.Size, out KmallocBlock? larger))
        {
            return false;
        }

        using KmallocBlock old = _entries;
        _entries = larger;
        Begin(capacity * 2);
        Span<Entry> entries = Entries;
        foreach (ref readonly Entry entry in old.AsSpan<Entry>())
        {
            if (!entry.Order.IsNull)
            {
                entries[Probe(entries, entry.Id)] = entry;
            }
        }

        return true;
    }

    private void Begin(int capacity)
    {
        _entries.Span.Clear();
        _mask = capacity - 1;
        _shift = 64 - BitOperations.Log2((uint)capacity);
    }

    // Where the id is, or the empty entry where it would be.
    private int Probe(Span<Entry> entries, long id)
    {
        int i = Home(id);
        while (!entries[i].Order.IsNull && entries[i].Id != id)
        {
            i = (i + 1) & _mask;
        }

        return i;
    }

    // Fibonacci hashing: ids that follow each other lie far apart.
    private int Home(long id) => (int)(((ulong)id * 0x9E3779B97F4A7C15) >> _shift);

    private struct Entry
    {
        public const int Size = 16;

        public long Id;
        public OrderPtr Order; // null: the entry is empty
    }
}
