namespace MatchingEngine;

/// <summary>
/// A book with price-time priority. The best price trades first, and at one price the order that has waited longest. Each
/// trade is at the price of the resting order. One thread uses a book.
/// </summary>
public interface IOrderBook : IDisposable
{
    /// <summary>Orders that rest in the book.</summary>
    int Count { get; }

    void Process(in Message message);

    void Process(ReadOnlySpan<Message> messages);

    /// <summary>The resting orders of a side in the order in which they would trade.</summary>
    IEnumerable<RestingOrder> Resting(Side side);
}

/// <summary>A resting order, copied out of the book.</summary>
public readonly record struct RestingOrder(long Id, int Price, int Quantity);
