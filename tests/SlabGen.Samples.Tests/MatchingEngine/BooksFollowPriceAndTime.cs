using CsCheck;
using MatchingEngine;

namespace SlabGen.Samples.Tests.MatchingEngine;

/// <summary>Both books trade as a naive list does, and as an exchange's rules say.</summary>
[Collection(Books.Name)]
public class BooksFollowPriceAndTime
{
    // Few ids and few prices, so that orders meet; and prices and quantities that are refused.
    private static readonly Gen<Message[]> s_messages = Gen.Select(
        Gen.Int[0, 9], Gen.Bool, Gen.Long[1, 30], Gen.OneOf(Gen.Int[98, 104], Gen.Int[0, 2], Gen.Int[65_534, 65_536]), Gen.Int[0, 8],
        (kind, buys, id, price, quantity) => new Message(
            kind switch { < 5 => MessageKind.Limit, < 6 => MessageKind.Market, < 8 => MessageKind.Cancel, _ => MessageKind.Replace },
            buys ? Side.Buy : Side.Sell, id, price, quantity)).Array[0, 120];

    [Theory]
    [InlineData("slabs")]
    [InlineData("classes")]
    public void Any_messages_do_what_they_do_to_a_sorted_list(string variant) =>
        s_messages.Sample(
            messages =>
            {
                var model = new NaiveBook();
                foreach (Message message in messages)
                {
                    model.Process(message);
                }

                BookResult result = Books.Run(variant, messages);
                Assert.Equal(model.Trades, result.Trades);
                Assert.Equal(model.Sorted(Side.Buy), result.Bids);
                Assert.Equal(model.Sorted(Side.Sell), result.Asks);
                Assert.Equal(model.Refused, result.Tape.Refused);
                Assert.Equal(result.Bids.Count + result.Asks.Count, result.Count);
            },
            iter: 500,
            threads: 1);

    [Theory]
    [InlineData("slabs")]
    [InlineData("classes")]
    public void The_best_price_trades_first_and_then_the_oldest_order(string variant)
    {
        BookResult result = Books.Run(variant,
        [
            Message.Limit(Side.Sell, 1, 102, 5),
            Message.Limit(Side.Sell, 2, 101, 5),
            Message.Limit(Side.Sell, 3, 101, 5),
            Message.Limit(Side.Buy, 4, 101, 8), // 102 is too dear
            Message.Market(Side.Buy, 5, 9),     // and what finds nobody is dropped
        ]);

        Assert.Equal([new(2, 4, 101, 5), new(3, 4, 101, 3), new(3, 5, 101, 2), new(1, 5, 102, 5)], result.Trades);
        Assert.Empty(result.Bids);
        Assert.Empty(result.Asks);
    }

    [Theory]
    [InlineData("slabs")]
    [InlineData("classes")]
    public void An_order_keeps_its_place_unless_its_price_changes_or_its_quantity_grows(string variant)
    {
        BookResult result = Books.Run(variant,
        [
            .. Enumerable.Range(1, 5).Select(id => Message.Limit(Side.Buy, id, 100, 5)),
            Message.Replace(1, 100, 4),
            Message.Replace(2, 100, 5),
            Message.Replace(3, 100, 6),
            Message.Replace(4, 99, 5),
        ]);

        Assert.Equal([new(1, 100, 4), new(2, 100, 5), new(5, 100, 5), new(3, 100, 6), new(4, 99, 5)], result.Bids);
    }

    [Theory]
    [InlineData("slabs")]
    [InlineData("classes")]
    public void A_replaced_order_trades_at_its_new_price(string variant)
    {
        BookResult result = Books.Run(variant, [Message.Limit(Side.Sell, 1, 105, 5), Message.Limit(Side.Buy, 2, 100, 3), Message.Replace(2, 106, 7)]);

        Assert.Equal([new(1, 2, 105, 5)], result.Trades);
        Assert.Equal([new(2, 106, 2)], result.Bids);
    }
}
