using SlabGen;
using SlabGen.Collections;

namespace MatchingEngine.Slabs;

/// <summary>An order that rests in the book. It knows its level and its neighbours, so that its address suffices to take it out.</summary>
[SlabCache]
public struct Order
{
    public long Id;
    public LevelPtr Level;
    public SlabLink Queue;          // of the level
    public OrderPtr NextInBucket;   // in the index
    public int Quantity;            // what is left
}

/// <summary>The queue of a level, as a list that runs through the orders.</summary>
public readonly struct InQueue : ISlabLink<Order>
{
    public static ref SlabLink LinkOf(ref Order order) => ref order.Queue;
}
