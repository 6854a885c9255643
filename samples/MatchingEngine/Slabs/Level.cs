using SlabGen;

namespace MatchingEngine.Slabs;

/// <summary>The orders of one price, in the order of their coming. A level without orders is closed at once.</summary>
[SlabCache]
public struct Level
{
    public OrderPtr First, Last;
    public LevelPtr Better, Worse; // the next prices that have orders
    public int Price;
    public Side Side;

    public void Append(OrderPtr order)
    {
        order.Value.Previous = Last;
        order.Value.Next = default;
        (Last.IsNull ? ref First : ref Last.Value.Next) = order;
        Last = order;
    }

    public void Remove(ref Order order)
    {
        (order.Previous.IsNull ? ref First : ref order.Previous.Value.Next) = order.Next;
        (order.Next.IsNull ? ref Last : ref order.Next.Value.Previous) = order.Previous;
    }
}
