using SlabGen.Memory;

namespace SlabGen.Caches;

/// <summary>
/// The objects of one cache that were freed last and wait before anyone gets them (KASAN's and Scudo's quarantine): a
/// write through an old pointer meets poison meanwhile, and no new owner's data.
/// </summary>
/// <remarks>
/// A ring, first in, first out, under the lock, a leaf. Its objects are free by their state and marks, and taken from
/// their slabs, like those in magazines. <see cref="_count"/> is written under the lock and read by anyone. Once it is
/// closed nothing comes in.
/// </remarks>
internal sealed class Quarantine
{
    private readonly UninterruptibleLock _lock = new();
    private readonly nint[] _ring;
    private int _first, _count;
    private bool _isClosed;

    /// <param name="bytes">How much it holds.</param>
    /// <param name="size">The bytes of an object, with what lies beside it.</param>
    public Quarantine(long bytes, int size) => _ring = new nint[Math.Clamp(bytes / size, 1, Array.MaxLength)];

    /// <summary>Objects that wait; a snapshot.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Puts an object in.</summary>
    /// <returns>The one that leaves for it: the oldest, or this one; 0 for none.</returns>
    public nint Exchange(nint address)
    {
        using (_lock.Hold())
        {
            if (_isClosed)
            {
                return address;
            }

            if (_count < _ring.Length)
            {
                _ring[(int)(((long)_first + _count) % _ring.Length)] = address;
                Volatile.Write(ref _count, _count + 1);
                return 0;
            }

            nint oldest = _ring[_first];
            _ring[_first] = address;
            _first = _first + 1 < _ring.Length ? _first + 1 : 0;
            return oldest;
        }
    }

    /// <summary>Takes the oldest objects out, as many as the span holds.</summary>
    /// <param name="addresses">Receives them.</param>
    /// <param name="close">Whether none may come in any more.</param>
    /// <returns>How many.</returns>
    public int Take(Span<nint> addresses, bool close)
    {
        using (_lock.Hold())
        {
            _isClosed |= close;
            int taken = Math.Min(addresses.Length, _count);
            for (int i = 0; i < taken; i++)
            {
                addresses[i] = _ring[_first];
                _first = _first + 1 < _ring.Length ? _first + 1 : 0;
            }

            Volatile.Write(ref _count, _count - taken);
            return taken;
        }
    }

    /// <summary>Whether an object waits here.</summary>
    public bool Holds(nint address)
    {
        using (_lock.Hold())
        {
            for (int i = 0; i < _count; i++)
            {
                if (_ring[(int)(((long)_first + i) % _ring.Length)] == address)
                {
                    return true;
                }
            }

            return false;
        }
    }
}
