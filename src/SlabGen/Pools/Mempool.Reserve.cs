using SlabGen.Slabs;

namespace SlabGen;

// The reserve and its waiters: where a freed element goes.
public sealed partial class Mempool
{
    /// <summary>Under the lock: whether the pool should keep a freed element.</summary>
    private bool IsWanted => !_disposed && (_waiters.Count > 0 || _count < _reserve.Length);

    /// <summary>Under the lock: whether an element lies in the reserve, so that the caller may not free it.</summary>
    private bool IsReserved(nint address) => _reserve.AsSpan(0, _count).Contains(address);

    /// <summary>Under the lock.</summary>
    private bool TryTakeReserved(out nint address)
    {
        address = _count > 0 ? _reserve[--_count] : 0;
        Interlocked.Add(ref _outstanding, address != 0 ? 1 : 0);
        return address != 0;
    }

    /// <summary>Counts an element that its holder frees.</summary>
    /// <returns><see langword="false"/> when no element is out.</returns>
    private bool TryCountFreed()
    {
        for (long seen = Outstanding; seen > 0;)
        {
            long before = Interlocked.CompareExchange(ref _outstanding, seen - 1, seen);
            if (before == seen)
            {
                return true;
            }

            seen = before;
        }

        return false;
    }

    /// <summary>Gives an element to a waiter, or to the reserve.</summary>
    /// <param name="address">A live object of the cache.</param>
    /// <param name="isNew">Whether it comes from the cache, and not from a holder.</param>
    /// <param name="fault">Says that another thread freed it at the same time, and nothing was done. Throw it where no
    /// lock is held.</param>
    /// <returns><see langword="false"/> when neither wants it, or no element is out.</returns>
    private bool TryPlace(nint address, bool isNew, out SlabFault fault)
    {
        fault = SlabFault.None;
        using (_lock.Hold())
        {
            if (!IsWanted)
            {
                return false;
            }

            if (IsReserved(address))
            {
                fault = SlabFault.DoubleFree;
                return true;
            }

            if (!isNew && !TryCountFreed())
            {
                return false;
            }

            if (_waiters.First is { } first)
            {
                Interlocked.Increment(ref _outstanding); // one gives what another gets
                _waiters.Remove(first);
                first.Value.SetResult(address);
            }
            else
            {
                _reserve[_count++] = address;
            }

            return true;
        }
    }

    /// <summary>The elements in reserve, for the debugger.</summary>
    internal nint[] Reserved() => Read(static pool => pool._reserve[..pool._count]);

    private nint[] TakeForReserve(int count)
    {
        if (!_cache.FitsTheLimit(count))
        {
            _cache.ThrowOutOfMemory(count); // before an array for them is made
        }

        nint[] elements = new nint[count];
        _cache.AllocBulk(elements);
        return elements;
    }
}
