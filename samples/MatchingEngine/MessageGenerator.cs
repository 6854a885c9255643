namespace MatchingEngine;

/// <summary>
/// Writes the messages of a market day, the same for the same seed. First orders that build the book; then a flow in which
/// about as many orders end as come: new orders near the price, which wanders, cancels, half of them of recent orders,
/// replaces and market orders.
/// </summary>
/// <remarks>
/// It does not look at the book. Like a trader, it may cancel an order that has just been filled; the book refuses that. It
/// makes no garbage, so that the messages cost the collector nothing in either variant.
/// </remarks>
public sealed class MessageGenerator
{
    private const int Depth = 4000;  // ticks between the price and the farthest order
    private const int Recent = 1000; // orders from which half of the cancels choose

    private readonly ulong _seed;
    private readonly int _resting;
    private readonly long[] _ids; // orders that were sent and not cancelled
    private ulong _random;
    private int _count;
    private long _lastId;
    private int _price = (PriceBand.Highest + 1) / 2;

    /// <param name="seed">Chooses the day.</param>
    /// <param name="resting">Orders that build the book.</param>
    public MessageGenerator(int seed, int resting)
    {
        _seed = Scramble((ulong)seed + 1);
        _random = _seed;
        _resting = resting;
        _ids = new long[resting + (resting / 2) + Recent];
    }

    public void Fill(Span<Message> messages)
    {
        foreach (ref Message message in messages)
        {
            message = Next();
        }
    }

    private Message Next()
    {
        if (_lastId < _resting)
        {
            return NewLimit(crosses: false);
        }

        if (Below(512) == 0)
        {
            _price = Math.Clamp(_price + (Below(2) == 0 ? 1 : -1), Depth + 1, PriceBand.Highest - Depth);
        }

        int roll = Below(100);
        if (roll >= 46 && _count == 0)
        {
            roll = 0;
        }
        else if (roll < 46 && _count == _ids.Length)
        {
            roll = 46;
        }

        switch (roll)
        {
            case < 46:
                return NewLimit(crosses: roll < 2);
            case < 88:
                int cancelled = Choose();
                long id = _ids[cancelled];
                _ids[cancelled] = _ids[--_count];
                return Message.Cancel(id);
            case < 96:
                long replaced = _ids[Choose()];
                return Message.Replace(replaced, PriceOf(SideOf(replaced), crosses: false), Quantity());
            default:
                long market = ++_lastId;
                return Message.Market(SideOf(market), market, Quantity());
        }
    }

    private Message NewLimit(bool crosses)
    {
        long id = ++_lastId;
        _ids[_count++] = id;
        return Message.Limit(SideOf(id), id, PriceOf(SideOf(id), crosses), Quantity());
    }

    private int Choose() => Below(2) == 0 ? _count - 1 - Below(Math.Min(_count, Recent)) : Below(_count);

    private Side SideOf(long id) => (Scramble((ulong)id ^ _seed) & 1) == 0 ? Side.Buy : Side.Sell;

    // Most orders are near the price.
    private int PriceOf(Side side, bool crosses)
    {
        double far = Below(1 << 20) / (double)(1 << 20);
        int away = crosses ? -Below(3) : 1 + (int)(far * far * far * Depth);
        return side == Side.Buy ? _price - away : _price + away;
    }

    private int Quantity() => 1 + Below(100);

    private int Below(int limit)
    {
        _random += 0x9E3779B97F4A7C15;
        return (int)(((Scramble(_random) >> 32) * (ulong)limit) >> 32);
    }

    // SplitMix64.
    private static ulong Scramble(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
