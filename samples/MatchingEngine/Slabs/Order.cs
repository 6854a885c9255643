using SlabGen;

namespace MatchingEngine.Slabs;

/// <summary>An order that rests in the book. It knows its level and its neighbours, so that its address suffices to take it out.</summary>
[SlabCache]
public struct Order
{
    public long Id;
    public LevelPtr Level;
    public OrderPtr Previous, Next; // in the queue of the level
    public OrderPtr NextInBucket;   // in the index
    public int Quantity;            // what is left
}
