using System.Diagnostics;
using SlabGen.Memory;

namespace SlabGen;

/// <content>What the registry keeps of a shrinker, and the arithmetic of a round: <c>do_shrink_slab</c> (mm/shrinker.c).</content>
public abstract partial class Shrinker
{
    private const int LeastYield = 64;

    /// <summary>Whether the shrinker is out of its registry, and yet a round that began before goes on.</summary>
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

    /// <returns>Whether it was registered nowhere, and is of this registry now.</returns>
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

    /// <returns>Whether the shrinker was of this registry: from now on no round begins.</returns>
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

    /// <returns>Whether a round may begin (<c>shrinker_try_get</c>); then <see cref="EndRound"/> must follow.</returns>
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

    /// <summary>One round: as many objects as the pressure and the work deferred before ask for, batch by batch.</summary>
    /// <remarks>
    /// As the kernel computes it, but in 128 bits, in which nothing overflows. A scan that looked at nothing ends the
    /// round; in the kernel it would be repeated for ever. So does, after a while, one that frees next to nothing of what it
    /// looks at: somebody waits for memory, and it is not here. What it had left to do is deferred.
    /// </remarks>
    /// <param name="control">What the call is for.</param>
    /// <param name="priority">The binary logarithm of the part of the objects that is wanted: 12, a 4096th, to 0, all.</param>
    /// <param name="patience">How long it may go on while it frees less than one in <see cref="LeastYield"/> of the objects scanned.</param>
    /// <param name="freed">Is increased by the objects freed, those of a round that throws included.</param>
    internal void RunRound(in ShrinkControl control, int priority, TimeSpan patience, ref long freed)
    {
        long began = Stopwatch.GetTimestamp(), before = freed;
        Int128 freeable = CountChecked(control);
        if (freeable <= 0)
        {
            return;
        }

        Int128 deferred = TakeDeferred(control.Node); // other threads do not do it too
        Int128 delta = Seeks == 0 ? freeable / 2 : (freeable >> priority) * 4 / Seeks;
        Int128 wanted = Int128.Min((deferred >> priority) + delta, 2 * freeable);
        Int128 scanned = 0;
        try
        {
            // Less than a batch is not worth a call, unless it is everything there is: then memory is very short.
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
                if (scan.Scanned == 0 || (((Int128)freed - before) * LeastYield < scanned && Stopwatch.GetElapsedTime(began) > patience))
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
