namespace MatchingEngine.Classes;

/// <summary>The orders of one price, in the order of their coming. A level without orders is closed at once.</summary>
internal sealed class Level
{
    public Order? First, Last;
    public Level? Better, Worse; // the next prices that have orders
    public required int Price;
    public required Side Side;

    public void Append(Order order)
    {
        order.Previous = Last;
        order.Next = null;
        (Last is null ? ref First : ref Last.Next) = order;
        Last = order;
    }

    public void Remove(Order order)
    {
        (order.Previous is null ? ref First : ref order.Previous.Next) = order.Next;
        (order.Next is null ? ref Last : ref order.Next.Previous) = order.Previous;
    }
}
