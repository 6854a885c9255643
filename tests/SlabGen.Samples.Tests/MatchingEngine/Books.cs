using MatchingEngine;
using MatchingEngine.Classes;
using MatchingEngine.Slabs;

namespace SlabGen.Samples.Tests.MatchingEngine;

/// <summary>Tests that make books run one after the other: they count the live objects of the process.</summary>
[CollectionDefinition(Name)]
public class Books
{
    public const string Name = "matching engine books";

    internal static IOrderBook New(string variant, Tape tape, int capacity = 16) =>
        variant == "slabs" ? new SlabBook(tape, capacity) : new ObjectBook(tape, capacity);

    /// <summary>Runs messages through a new book.</summary>
    internal static BookResult Run(string variant, IEnumerable<Message> messages)
    {
        var trades = new List<Trade>();
        var tape = new Tape { OnTrade = trades.Add };
        using IOrderBook book = New(variant, tape);
        foreach (Message message in messages)
        {
            book.Process(message);
        }

        return new BookResult(trades, [.. book.Resting(Side.Buy)], [.. book.Resting(Side.Sell)], tape, book.Count);
    }
}

internal sealed record BookResult(List<Trade> Trades, List<RestingOrder> Bids, List<RestingOrder> Asks, Tape Tape, int Count);
