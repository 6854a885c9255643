using SlabGen;
using SlabGen.Collections;

namespace MatchingEngine.Slabs;

/// <summary>The orders of one price, in the order of their coming. A level without orders is closed at once.</summary>
[SlabCache]
public struct Level
{
    public SlabLinkedList<Order, InQueue> Orders;
    public LevelPtr Better, Worse; // the next prices that have orders
    public int Price;
    public Side Side;
}
