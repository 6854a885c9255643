namespace MatchingEngine;

public enum Side : byte
{
    Buy,
    Sell,
}

public enum MessageKind : byte
{
    /// <summary>Trade at the price or better; what is left rests in the book.</summary>
    Limit,

    /// <summary>Trade at any price; what is left is dropped.</summary>
    Market,

    /// <summary>Take a resting order out of the book.</summary>
    Cancel,

    /// <summary>
    /// Give a resting order another price and quantity. It keeps its place in the queue if only the quantity changes, and
    /// not upwards; otherwise it is a new order with the old id.
    /// </summary>
    Replace,
}

/// <summary>What a trader sends. A price is a number of ticks, 1 to <see cref="PriceBand.Highest"/>.</summary>
public readonly record struct Message(MessageKind Kind, Side Side, long Id, int Price, int Quantity)
{
    /// <summary>The quantity and the price are such that an order may rest.</summary>
    public bool CanRest => Quantity > 0 && PriceBand.Contains(Price);

    public static Message Limit(Side side, long id, int price, int quantity) => new(MessageKind.Limit, side, id, price, quantity);

    public static Message Market(Side side, long id, int quantity) => new(MessageKind.Market, side, id, 0, quantity);

    public static Message Cancel(long id) => new(MessageKind.Cancel, default, id, 0, 0);

    public static Message Replace(long id, int price, int quantity) => new(MessageKind.Replace, default, id, price, quantity);
}

/// <summary>The prices that the book takes. An exchange has such a band too, and refuses orders outside it.</summary>
public static class PriceBand
{
    public const int Highest = 65_535;

    public static bool Contains(int price) => price is >= 1 and <= Highest;
}
