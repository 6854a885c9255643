namespace MatchingEngine.Classes;

/// <summary>The levels of one side: a list from the best price to the worst, and a table from a price to its level.</summary>
internal sealed class BookSide(Side side)
{
    private readonly Level?[] _levels = new Level?[PriceBand.Highest + 1]; // by price; null where nobody waits

    /// <summary>The level that trades first; null if the side is empty.</summary>
    public Level? Best { get; private set; }

    /// <summary>Finds the level of a price, or opens it.</summary>
    public Level Open(int price) => _levels[price] ?? Insert(price);

    /// <summary>Takes a level without orders out of the list.</summary>
    public void Close(Level level)
    {
        _levels[level.Price] = null;
        if (level.Better is null)
        {
            Best = level.Worse;
        }
        else
        {
            level.Better.Worse = level.Worse;
        }

        if (level.Worse is not null)
        {
            level.Worse.Better = level.Better;
        }
    }

    // A full book has orders at nearly every price, so that the next better level is a few steps away.
    private Level Insert(int price)
    {
        Level? better = null;
        if (Best is not null && IsBetter(Best.Price, price))
        {
            int step = side == Side.Buy ? 1 : -1;
            for (int p = price + step; better is null; p += step)
            {
                better = _levels[p];
            }
        }

        Level? worse = better is null ? Best : better.Worse;
        var level = new Level { Price = price, Side = side, Better = better, Worse = worse };
        if (better is null)
        {
            Best = level;
        }
        else
        {
            better.Worse = level;
        }

        if (worse is not null)
        {
            worse.Better = level;
        }

        return _levels[price] = level;
    }

    private bool IsBetter(int price, int than) => side == Side.Buy ? price > than : price < than;
}
