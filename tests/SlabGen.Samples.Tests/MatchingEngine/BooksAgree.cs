using MatchingEngine;

namespace SlabGen.Samples.Tests.MatchingEngine;

/// <summary>The book over slabs and the book over classes do the same, and the slabs are empty at the end.</summary>
[Collection(Books.Name)]
public class BooksAgree
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(int.MaxValue)]
    public void A_seed_gives_both_the_same_trades_and_the_same_book(int seed)
    {
        var messages = new Message[20_000];
        new MessageGenerator(seed, resting: 2_000).Fill(messages);

        BookResult slabs = Books.Run("slabs", messages);
        BookResult classes = Books.Run("classes", messages);

        Assert.Equal(classes.Trades, slabs.Trades);
        Assert.Equal(classes.Bids, slabs.Bids);
        Assert.Equal(classes.Asks, slabs.Asks);
        Assert.Equal((classes.Tape.Checksum, classes.Tape.Volume, classes.Tape.Refused), (slabs.Tape.Checksum, slabs.Tape.Volume, slabs.Tape.Refused));

        // The messages are worth comparing: all four kinds come, orders trade, and about as many rest as began.
        Assert.Equal(4, messages.Select(message => message.Kind).Distinct().Count());
        Assert.InRange(slabs.Trades.Count, 1_000, 10_000);
        Assert.InRange(slabs.Count, 1_000, 4_000);
    }

    [Fact]
    public void Another_seed_gives_other_trades()
    {
        var one = new Message[5_000];
        var other = new Message[5_000];
        new MessageGenerator(1, resting: 500).Fill(one);
        new MessageGenerator(2, resting: 500).Fill(other);

        Assert.NotEqual(Books.Run("slabs", one).Tape.Checksum, Books.Run("slabs", other).Tape.Checksum);
    }

    [Theory]
    [InlineData(1)]       // ids one after the other
    [InlineData(1 << 20)] // ids of one bucket until the index has grown
    public void The_index_grows_and_finds_every_order(long step)
    {
        const int Orders = 3_000;
        IEnumerable<long> ids = Enumerable.Range(1, Orders).Select(i => i * step);
        IEnumerable<Message> limits = ids.Select(id => Message.Limit(Side.Buy, id, 100 + (int)(id / step % 7), 1));

        Assert.Equal(Orders, Books.Run("slabs", limits).Count);
        BookResult half = Books.Run("slabs", [.. limits, .. ids.Where(id => id / step % 2 == 0).Select(Message.Cancel)]);
        Assert.Equal((Orders / 2, 0L), (half.Count, half.Tape.Refused));
        BookResult none = Books.Run("slabs", [.. limits, .. ids.Reverse().Select(Message.Cancel)]);
        Assert.Equal((0, 0L), (none.Count, none.Tape.Refused));
    }

    [Fact]
    public void Nothing_is_left_in_slabs()
    {
        var messages = new Message[20_000];
        new MessageGenerator(3, resting: 2_000).Fill(messages);
        long before = LiveObjects();

        using (IOrderBook book = Books.New("slabs", new Tape()))
        {
            book.Process(messages);
            Assert.True(LiveObjects() > before + book.Count, "a book of live orders lives in slabs");
        }

        Assert.Equal(before, LiveObjects());
    }

    private static long LiveObjects() =>
        global::MatchingEngine.Slabs.OrderCache.Cache.Snapshot().LiveObjects
        + global::MatchingEngine.Slabs.LevelCache.Cache.Snapshot().LiveObjects
        + SlabRuntime.Default.Kmalloc.Snapshot().LiveBlocks;
}
