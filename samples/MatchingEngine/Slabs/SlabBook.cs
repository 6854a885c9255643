using SlabGen;

namespace MatchingEngine.Slabs;

/// <summary>
/// The book in native memory. The collector knows the five objects that you see here, however many orders there are.
/// <c>Classes/ObjectBook.cs</c> is the same, method by method, over ordinary objects.
/// </summary>
public sealed class SlabBook : IOrderBook
{
    private readonly Tape _tape;
    private readonly BookSide _bids;
    private readonly BookSide _asks;
    private readonly OrderIndex _orders;

    /// <param name="tape">Hears of trades and refusals.</param>
    /// <param name="capacity">Orders for which the index has room at once.</param>
    /// <exception cref="OutOfMemoryException">There is no memory for the tables; nothing is kept.</exception>
    public SlabBook(Tape tape, int capacity)
    {
        _tape = tape;
        _bids = new BookSide(Side.Buy);
        try
        {
            _asks = new BookSide(Side.Sell);
            _orders = new OrderIndex(capacity);
        }
        catch (OutOfMemoryException)
        {
            _bids.Dispose();
            _asks?.Dispose();
            throw;
        }
    }

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
            case MessageKind.Limit when message.CanRest && !_orders.Contains(message.Id):
                Limit(message.Side, message.Id, message.Price, message.Quantity);
                break;
            case MessageKind.Market when message.Quantity > 0:
                Match(message.Side, message.Id, message.Side == Side.Buy ? PriceBand.Highest : 0, message.Quantity);
                break;
            case MessageKind.Cancel when _orders.TryFind(message.Id, out OrderPtr order):
                Remove(order);
                break;
            case MessageKind.Replace when message.CanRest && _orders.TryFind(message.Id, out OrderPtr order):
                Replace(order, message.Price, message.Quantity);
                break;
            default:
                _tape.Refuse(message.Id);
                break;
        }
    }

    public IEnumerable<RestingOrder> Resting(Side side)
    {
        for (LevelPtr level = SideOf(side).Best; !level.IsNull; level = level.Value.Worse)
        {
            foreach (SlabPtr<Order> order in level.Value.Orders)
            {
                yield return new RestingOrder(order.Value.Id, level.Value.Price, order.Value.Quantity);
            }
        }
    }

    /// <summary>Frees every order and every level, as nobody else will.</summary>
    public void Dispose()
    {
        _bids.Dispose();
        _asks.Dispose();
        _orders.Dispose();
    }

    private void Limit(Side side, long id, int price, int quantity)
    {
        int left = Match(side, id, price, quantity);
        if (left > 0 && !TryRest(side, id, price, left))
        {
            _tape.FindNoMemory(id);
        }
    }

    // Trades with the other side as far as the price allows, and returns what is left.
    private int Match(Side taker, long id, int limit, int quantity)
    {
        BookSide makers = taker == Side.Buy ? _asks : _bids;
        while (quantity > 0 && !makers.Best.IsNull)
        {
            ref Level level = ref makers.Best.Value;
            if (taker == Side.Buy ? level.Price > limit : level.Price < limit)
            {
                break;
            }

            OrderPtr maker = level.Orders.First;
            ref Order order = ref maker.Value;
            int traded = Math.Min(quantity, order.Quantity);
            _tape.Trade(order.Id, id, level.Price, traded);
            quantity -= traded;
            order.Quantity -= traded;
            if (order.Quantity == 0)
            {
                Remove(maker);
            }
        }

        return quantity;
    }

    // Takes all the memory first: when there is none, nothing has changed.
    private bool TryRest(Side side, long id, int price, int quantity)
    {
        if (!_orders.TryReserve() || !OrderCache.TryAlloc(out SlabPtr<Order> order))
        {
            return false;
        }

        if (!SideOf(side).TryOpen(price, out LevelPtr level))
        {
            OrderCache.Free(order);
            return false;
        }

        order.Value = new Order { Id = id, Level = level, Quantity = quantity };
        level.Value.Orders.AddLast(order);
        _orders.Add(order);
        return true;
    }

    private void Remove(OrderPtr order)
    {
        LevelPtr level = order.Value.Level;
        level.Value.Orders.Remove(order);
        _orders.Remove(order);
        OrderCache.Free(order);
        if (level.Value.Orders.IsEmpty)
        {
            SideOf(level.Value.Side).Close(level);
        }
    }

    private void Replace(OrderPtr order, int price, int quantity)
    {
        ref Order o = ref order.Value;
        if (o.Level.Value.Price == price && quantity <= o.Quantity)
        {
            o.Quantity = quantity;
            return;
        }

        long id = o.Id;
        Side side = o.Level.Value.Side;
        Remove(order);
        Limit(side, id, price, quantity);
    }

    private BookSide SideOf(Side side) => side == Side.Buy ? _bids : _asks;
}
