using MatchingEngine;

namespace SlabGen.Samples.Tests.MatchingEngine;

/// <summary>Price-time priority as one would explain it: a list that is sorted anew for each trade.</summary>
internal sealed class NaiveBook
{
    private readonly List<Resting> _resting = [];
    private int _arrivals;

    public List<Trade> Trades { get; } = [];

    public int Refused { get; private set; }

    public void Process(Message message)
    {
        int index = _resting.FindIndex(order => order.Id == message.Id);
        bool isPriced = message.Quantity > 0 && message.Price is >= 1 and <= PriceBand.Highest;
        switch (message.Kind)
        {
            case MessageKind.Limit when isPriced && index < 0:
                Limit(message.Side, message.Id, message.Price, message.Quantity);
                break;
            case MessageKind.Market when message.Quantity > 0:
                Match(message.Side, message.Id, _ => true, message.Quantity);
                break;
            case MessageKind.Cancel when index >= 0:
                _resting.RemoveAt(index);
                break;
            case MessageKind.Replace when isPriced && index >= 0:
                Resting old = _resting[index];
                if (message.Price == old.Price && message.Quantity <= old.Quantity)
                {
                    _resting[index] = old with { Quantity = message.Quantity };
                }
                else
                {
                    _resting.RemoveAt(index);
                    Limit(old.Side, old.Id, message.Price, message.Quantity);
                }

                break;
            default:
                Refused++;
                break;
        }
    }

    public List<RestingOrder> Sorted(Side side) =>
    [
        .. _resting.Where(order => order.Side == side)
            .OrderBy(order => side == Side.Buy ? -order.Price : order.Price)
            .ThenBy(order => order.Arrival)
            .Select(order => new RestingOrder(order.Id, order.Price, order.Quantity)),
    ];

    private void Limit(Side side, long id, int price, int quantity)
    {
        int left = Match(side, id, other => side == Side.Buy ? other <= price : other >= price, quantity);
        if (left > 0)
        {
            _resting.Add(new Resting(id, side, price, left, _arrivals++));
        }
    }

    private int Match(Side side, long id, Func<int, bool> crosses, int quantity)
    {
        while (quantity > 0 && Sorted(side == Side.Buy ? Side.Sell : Side.Buy) is [var first, ..] && crosses(first.Price))
        {
            int traded = Math.Min(quantity, first.Quantity);
            Trades.Add(new Trade(first.Id, id, first.Price, traded));
            quantity -= traded;
            int index = _resting.FindIndex(order => order.Id == first.Id);
            if (traded == first.Quantity)
            {
                _resting.RemoveAt(index);
            }
            else
            {
                _resting[index] = _resting[index] with { Quantity = first.Quantity - traded };
            }
        }

        return quantity;
    }

    private sealed record Resting(long Id, Side Side, int Price, int Quantity, int Arrival);
}
