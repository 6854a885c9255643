using System;
using SlabGen;

// A day of an exchange: ten levels, orders that are added and, every third, cancelled by their addresses alone; then what is left of each queue, from both ends.
var levels = new SlabPtr<Level>[10];
for (int i = 0; i < levels.Length; i++)
{
    levels[i] = Book.Open(100 + i);
}

var orders = new SlabPtr<Order>[30_000];
for (int i = 0; i < orders.Length; i++)
{
    orders[i] = Book.Add(levels[i % levels.Length], i, quantity: 10);
}

for (int i = 0; i < orders.Length; i += 3)
{
    Book.Cancel(orders[i]);
}

long forward = 0, backward = 0, quantity = 0;
foreach (SlabPtr<Level> level in levels)
{
    for (OrderPtr order = level.Value.First; !order.IsNull; order = order.Value.Next)
    {
        forward += order.Value.Id;
    }

    for (OrderPtr order = level.Value.Last; !order.IsNull; order = order.Value.Previous)
    {
        backward += order.Value.Id;
    }

    quantity += level.Value.Quantity;
    while (level.Value.First != default)
    {
        Book.Cancel(level.Value.First);
    }

    LevelCache.Free(level);
}

Console.WriteLine($"{forward} {backward} {quantity} {OrderCache.Cache.Snapshot().LiveObjects} {LevelCache.Cache.Snapshot().LiveObjects}");
