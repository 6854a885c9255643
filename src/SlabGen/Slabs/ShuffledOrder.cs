using System.Security.Cryptography;

namespace SlabGen.Slabs;

/// <summary>
/// A random order in which objects are taken from slabs: one shuffle for the cache, and a random starting place in it
/// each time (<c>init_cache_random_seq</c>, <c>shuffle_freelist</c>). Under the list lock of the cache.
/// </summary>
internal sealed class ShuffledOrder
{
    private readonly Random _random;
    private readonly ushort[] _order;

    public ShuffledOrder(int objects, int? seed)
    {
        _random = new Random(seed ?? RandomNumberGenerator.GetInt32(int.MaxValue));
        _order = new ushort[objects];
        for (int i = 0; i < objects; i++)
        {
            _order[i] = (ushort)i;
        }

        _random.Shuffle(_order);
    }

    /// <summary>Takes up to <paramref name="wanted"/> objects.</summary>
    public unsafe int Take(Slab* slab, int size, nint* addresses, int wanted)
    {
        int start = _random.Next(_order.Length), taken = 0;
        for (int i = 0; i < _order.Length && taken < wanted; i++)
        {
            int index = _order[(start + i) % _order.Length];
            if (index < slab->Objects && Slab.TryTake(slab, index)) // a slab of the least order has fewer objects
            {
                addresses[taken++] = slab->Memory + ((nint)index * size);
            }
        }

        return taken;
    }
}
