namespace MatchingEngine.Classes;

/// <summary>An order that rests in the book.</summary>
internal sealed class Order
{
    public required long Id;
    public required Level Level;
    public Order? Previous, Next; // in the queue of the level
    public required int Quantity; // what is left
}
