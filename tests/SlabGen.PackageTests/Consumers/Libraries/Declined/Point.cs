using SlabGen;

namespace Shop
{
    // No class is made for it, and nobody says that its field is managed.
    [SlabCache]
    public struct Point
    {
        public string Name;
    }

    public static class Visitor
    {
        public static long Visit()
        {
            SlabPtr<Order> order = Desk.Open(1);
            return Desk.Close(order);
        }
    }
}
