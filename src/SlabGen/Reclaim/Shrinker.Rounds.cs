using System.Diagnostics;
using SlabGen.Memory;

namespace SlabGen;

/// <content>What the registry keeps for a shrinker, and the arithmetic of a round: <c>do_shrink_slab</c>
/// (mm/shrinker.c).</content>
public abstract partial class Shrinker
{
    private const int LeastYield = 64;

    /// <summary>Whether the shrinker has left its registry, but a round that began before still goes on.</summary>
    internal bool IsLeaving
    {
        get
        {
            using (_lock.Hold())
            {
                return _registry is null && _rounds > 0;
            }
        }
    }

    /// <returns>Whether it was registered nowhere, and belongs to this registry now.</returns>
    internal bool TryJoin(ShrinkerRegistry registry)
    {
        using (_lock.Hold())
        {
            if (_registry is not null)
            {
                return false;
            }

            _registry = registry;
            _deferred.Clear();
            return true;
        }
    }

    /// <returns>Whether the shrinker belonged to this registry. From now on no round begins.</returns>
    internal bool TryLeave(ShrinkerRegistry registry)
    {
        using (_lock.Hold())
        {
            if (_registry != registry)
            {
                return false;
            }

            _registry = null;
            return true;
        }
    }

    /// <returns>Whether a round may begin (<c>shrinker_try_get</c>). <see cref="EndRound"/> must then follow.</returns>
    internal bool TryBeginRound(ShrinkerRegistry registry)
    {
        using (_lock.Hold())
        {
            if (_registry != registry)
            {
                return false;
            }

            _rounds++;
            return true;
        }
    }

    internal void EndRound()
    {
        using (_lock.Hold())
        {
            _rounds--;
        }
    }

    /// <summary>
    /// One round: scans as many objects as the pressure and the deferred work ask for, batch by batch.
    /// </summary>
    /// <remarks>
    /// It computes as the kernel does, but in 128 bits, where nothing overflows. A scan that looked at nothing ends the
    /// round; the kernel would repeat it for ever. A round that frees next to nothing of what it looks at ends after a
    /// while too, because a thread waits for memory, and it is not here. The work that is left is deferred.
    /// </remarks>
    /// <param name="control">What the call is for.</param>
    /// <param name="priority">The binary logarithm of the divisor of the wanted objects: 12 for a 4096th, to 0 for
    /// all.</param>
    /// <param name="patience">How long it may go on while it frees fewer than one in <see cref="LeastYield"/> of the
    /// scanned objects.</param>
    /// <param name="freed">Increased by the number of freed objects, even if the round throws.</param>
    internal void RunRound(in ShrinkControl control, int priority, TimeSpan patience, ref long freed)
    {
        long began = Stopwatch.GetTimestamp(), before = freed;
        Int128 freeable = CountChecked(control);
        if (freeable <= 0)
        {
            return;
        }

        Int128 deferred = TakeDeferred(control.Node); // so that other threads do not do it too
        Int128 delta = Seeks == 0 ? freeable / 2 : (freeable >> priority) * 4 / Seeks;
        Int128 wanted = Int128.Min((deferred >> priority) + delta, 2 * freeable);
        Int128 scanned = 0;
        try
        {
            // Fewer objects than a batch are not worth a call, unless they are all there are. Memory is then very
            // short.
            while (wanted - scanned >= Int128.Min(Batch, freeable))
            {
                long toScan = (long)Int128.Min(Batch, wanted - scanned);
                ShrinkControl scan = control with { ToScan = toScan, Scanned = toScan };
                long result = ScanChecked(ref scan);
                if (result == Stop)
                {
                    break;
                }

                freed = long.CreateSaturating((Int128)freed + result);
                scanned += scan.Scanned;
                if (scan.Scanned == 0
                    || (((Int128)freed - before) * LeastYield < scanned && Stopwatch.GetElapsedTime(began) > patience))
                {
                    break;
                }
            }
        }
        finally
        {
            Defer(control.Node, Int128.Clamp(deferred + delta - scanned, 0, 2 * freeable));
        }
    }

    /// <summary>Takes the work that rounds on a node left over (<c>xchg_nr_deferred</c>).</summary>
    internal long TakeDeferred(int node)
    {
        using (_lock.Hold())
        {
            _deferred.Remove(node, out long objects);
            return objects;
        }
    }

    /// <summary>Leaves work to the next round on a node (<c>add_nr_deferred</c>).</summary>
    internal void Defer(int node, Int128 objects)
    {
        using (_lock.Hold())
        {
            _deferred[node] = long.CreateSaturating(_deferred.GetValueOrDefault(node) + objects);
        }
    }

    private long CountChecked(in ShrinkControl control)
    {
        long count = CountObjects(control);
        return count is >= 0 or Empty ? count : throw new InvalidOperationException(
            $"Shrinker '{Name}': CountObjects returned {count}, which is neither a number of objects nor Empty ({Empty}).");
    }

    private long ScanChecked(ref ShrinkControl scan)
    {
        long result = ScanObjects(ref scan);
        if (result < Stop)
        {
            throw new InvalidOperationException(
                $"Shrinker '{Name}': ScanObjects returned {result}, which is neither a number of objects nor Stop ({Stop}).");
        }

        return scan.Scanned >= 0 ? result : throw new InvalidOperationException(
            $"Shrinker '{Name}': ScanObjects set Scanned to {scan.Scanned}; it must be at least 0.");
    }
}
