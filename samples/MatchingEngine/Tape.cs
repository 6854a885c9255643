namespace MatchingEngine;

/// <summary>What a book tells the world. Two books that do the same have the same checksum.</summary>
public sealed class Tape
{
    /// <summary>Receives every trade, for tests; null in a measurement.</summary>
    public Action<Trade>? OnTrade { get; init; }

    public long Trades { get; private set; }

    /// <summary>The sum of the quantities of all trades.</summary>
    public long Volume { get; private set; }

    /// <summary>Messages that were refused: an unknown or a used id, a wrong price or quantity.</summary>
    public long Refused { get; private set; }

    /// <summary>Orders that could not rest for want of memory; what they had traded stays traded.</summary>
    public long OutOfMemory { get; private set; }

    /// <summary>A hash of all trades and refusals in their order.</summary>
    public ulong Checksum { get; private set; } = 14695981039346656037;

    public void Trade(long maker, long taker, int price, int quantity)
    {
        Trades++;
        Volume += quantity;
        Mix((ulong)maker);
        Mix((ulong)taker);
        Mix(((ulong)(uint)price << 32) | (uint)quantity);
        OnTrade?.Invoke(new Trade(maker, taker, price, quantity));
    }

    public void Refuse(long id)
    {
        Refused++;
        Mix(~(ulong)id);
    }

    public void FindNoMemory(long id)
    {
        OutOfMemory++;
        Mix(~(ulong)id);
    }

    private void Mix(ulong word) => Checksum = ulong.RotateLeft((Checksum ^ word) * 0x9E3779B97F4A7C15, 29);
}

/// <summary>A trade of an order that rested with one that came.</summary>
public readonly record struct Trade(long Maker, long Taker, int Price, int Quantity);
