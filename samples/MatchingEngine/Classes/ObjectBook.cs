namespace MatchingEngine.Classes;

/// <summary>The book over ordinary objects: what <c>Slabs/SlabBook.cs</c> is compared with.</summary>
/// <param name="tape">Hears of trades and refusals.</param>
/// <param name="capacity">Orders for which the dictionary has room at once.</param>
public sealed class ObjectBook(Tape tape, int capacity) : IOrderBook
{
    private readonly BookSide _bids = new(Side.Buy);
    private readonly BookSide _asks = new(Side.Sell);
    private readonly Dictionary<long, Order> _orders = new(capacity);

    public int Count => _orders.Count;

    public void Process(ReadOnlySpan<Message> messages)
    {
        foreach (ref readonly Message message in messages)
        {
            Process(message);
        }
    }

    public void Process(in Message message)
    {
        switch (message.Kind)
        {
            case MessageKind.Limit when message.CanRest && !_orders.ContainsKey(message.Id):
                Limit(message.Side, message.Id, message.Price, message.Quantity);
                break;
            case MessageKind.Market when message.Quantity > 0:
                Match(message.Side, message.Id, message.Side == Side.Buy ? PriceBand.Highest : 0, message.Quantity);
                break;
            case MessageKind.Cancel when _orders.TryGetValue(message.Id, out Order? order):
                Remove(order);
                break;
            case MessageKind.Replace when message.CanRest && _orders.TryGetValue(message.Id, out Order? order):
                Replace(order, message.Price, message.Quantity);
                break;
            default:
                tape.Refuse(message.Id);
                break;
        }
    }

    public IEnumerable<RestingOrder> Resting(Side side)
    {
        for (Level? level = SideOf(side).Best; level is not null; level = level.Worse)
        {
            for (Order? order = level.First; order is not null; order = order.Next)
            {
                yield return new RestingOrder(order.Id, level.Price, order.Quantity);
            }
        }
    }

    /// <summary>The collector frees a book of objects, when nobody refers to it any more.</summary>
    public void Dispose()
    {
    }

    private void Limit(Side side, long id, int price, int quantity)
    {
        int left = Match(side, id, price, quantity);
        if (left > 0)
        {
            Rest(side, id, price, left);
        }
    }

    // Trades with the other side as far as the price allows, and returns what is left.
    private int Match(Side taker, long id, int limit, int quantity)
    {
        BookSide makers = taker == Side.Buy ? _asks : _bids;
        while (quantity > 0 && makers.Best is { } level)
        {
            if (taker == Side.Buy ? level.Price > limit : level.Price < limit)
            {
                break;
            }

            Order maker = level.First!;
            int traded = Math.Min(quantity, maker.Quantity);
            tape.Trade(maker.Id, id, level.Price, traded);
            quantity -= traded;
            maker.Quantity -= traded;
            if (maker.Quantity == 0)
            {
                Remove(maker);
            }
        }

        return quantity;
    }

    private void Rest(Side side, long id, int price, int quantity)
    {
        Level level = SideOf(side).Open(price);
        var order = new Order { Id = id, Level = level, Quantity = quantity };
        level.Append(order);
        _orders.Add(id, order);
    }

    private void Remove(Order order)
    {
        Level level = order.Level;
        level.Remove(order);
        _orders.Remove(order.Id);
        if (level.First is null)
        {
            SideOf(level.Side).Close(level);
        }
    }

    private void Replace(Order order, int price, int quantity)
    {
        if (order.Level.Price == price && quantity <= order.Quantity)
        {
            order.Quantity = quantity;
            return;
        }

        Side side = order.Level.Side;
        Remove(order);
        Limit(side, order.Id, price, quantity);
    }

    private BookSide SideOf(Side side) => side == Side.Buy ? _bids : _asks;
}
