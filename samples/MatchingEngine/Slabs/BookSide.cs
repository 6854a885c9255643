using SlabGen;

namespace MatchingEngine.Slabs;

/// <summary>
/// The levels of one side: a list from the best price to the worst, and a table from a price to its level, in native
/// memory as well.
/// </summary>
internal sealed class BookSide : IDisposable
{
    private readonly Side _side;
    private readonly KmallocBlock _levels; // by price; null where nobody waits

    public BookSide(Side side)
    {
        _side = side;
        _levels = SlabRuntime.Default.Kmalloc.AllocBlock<LevelPtr>(PriceBand.Highest + 1);
        _levels.Span.Clear();
    }

    /// <summary>The level that trades first; null if the side is empty.</summary>
    public LevelPtr Best { get; private set; }

    private Span<LevelPtr> Levels => _levels.AsSpan<LevelPtr>();

    /// <summary>Finds the level of a price, or opens it.</summary>
    /// <returns>Whether there was memory.</returns>
    public bool TryOpen(int price, out LevelPtr level)
    {
        Span<LevelPtr> levels = Levels;
        level = levels[price];
        return !level.IsNull || TryInsert(levels, price, out level);
    }

    /// <summary>Takes a level without orders out of the list, and frees it.</summary>
    public void Close(LevelPtr level)
    {
        ref Level l = ref level.Value;
        Levels[l.Price] = default;
        if (l.Better.IsNull)
        {
            Best = l.Worse;
        }
        else
        {
            l.Better.Value.Worse = l.Worse;
        }

        if (!l.Worse.IsNull)
        {
            l.Worse.Value.Better = l.Better;
        }

        LevelCache.Free(level);
    }

    /// <summary>Closes all levels, and frees their orders.</summary>
    public void Dispose()
    {
        while (!Best.IsNull)
        {
            while (Best.Value.Orders.TryRemoveFirst(out SlabPtr<Order> order))
            {
                OrderCache.Free(order);
            }

            Close(Best);
        }

        _levels.Dispose();
    }

    // A full book has orders at nearly every price, so that the next better level is a few steps away.
    private bool TryInsert(Span<LevelPtr> levels, int price, out LevelPtr level)
    {
        if (!LevelCache.TryAlloc(out SlabPtr<Level> opened))
        {
            level = default;
            return false;
        }

        level = opened;
        LevelPtr better = default;
        if (!Best.IsNull && IsBetter(Best.Value.Price, price))
        {
            int step = _side == Side.Buy ? 1 : -1;
            for (int p = price + step; better.IsNull; p += step)
            {
                better = levels[p];
            }
        }

        LevelPtr worse = better.IsNull ? Best : better.Value.Worse;
        opened.Value = new Level { Price = price, Side = _side, Better = better, Worse = worse };
        if (better.IsNull)
        {
            Best = level;
        }
        else
        {
            better.Value.Worse = level;
        }

        if (!worse.IsNull)
        {
            worse.Value.Better = level;
        }

        levels[price] = level;
        return true;
    }

    private bool IsBetter(int price, int than) => _side == Side.Buy ? price > than : price < than;
}
