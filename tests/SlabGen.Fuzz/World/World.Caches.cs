using static SlabGen.Fuzz.FuzzException;

namespace SlabGen.Fuzz;

// Objects of caches made by hand.
public sealed partial class World
{
    private static readonly GfpFlags[] s_flags =
    [
        GfpFlags.Kernel, GfpFlags.Atomic, GfpFlags.NoWait, GfpFlags.Kernel | GfpFlags.NoRetry, GfpFlags.Kernel | GfpFlags.Zero, GfpFlags.Atomic | GfpFlags.HighPriority,
    ];

    private int _made;

    private void MakeCache()
    {
        if (_caches.Count == MostCaches)
        {
            return;
        }

        int size = _script.Any(8, 64, 1, 24, 200, 1000, 3000, 9000, 1 + _script.Below(70_000));
        SlabCacheOptions options = Modes.Cache(_script, _account);
        string name = $"cache-{++_made}";
        Try($"makes {name} of {size} bytes: {options}", () =>
        {
            try
            {
                _caches.Add(new FuzzCache(_runtime.CreateCache(name, size, options), options));
                return true;
            }
            catch (ArgumentException e)
            {
                Note($"  refused: {e.Message}"); // a slab larger than the limit, an order too small, …
                return false;
            }
        });
    }

    private void AllocOne(FuzzCache cache)
    {
        int how = _script.Below(7);
        nint address = 0;
        bool zero = how == 3, taken = Try($"allocates of {cache.Cache.Name}, way {how}", () =>
        {
            switch (how)
            {
                case 0:
                    address = cache.Cache.Alloc();
                    return true;
                case 3:
                    address = cache.Cache.AllocZeroed();
                    return true;
                case 4 or 5:
                    GfpFlags gfp = _script.Any(s_flags);
                    zero = (gfp & GfpFlags.Zero) != 0;
                    return cache.Cache.TryAlloc(gfp, out address, _script.OneIn(4) ? _script.Below(_runtime.Pages.NodeCount) : -1);
                default:
                    return cache.Cache.TryAlloc(out address);
            }
        });
        Require(taken == (address != 0), $"It says {taken}, and the address is 0x{address:x}.");
        if (taken)
        {
            Accept(cache, address, zero);
        }
        else
        {
            Require(MayFail(cache), $"No memory for an object of {cache.Cache.Snapshot()}.{Environment.NewLine}{MemInfo.Format(_runtime)}");
        }
    }

    /// <summary>An allocation must not fail where there is plenty, and nobody refuses it.</summary>
    private bool MayFail(FuzzCache cache) => _refuses || cache.Options.MaxObjects > 0 || cache.Options.MaxBytes > 0 || cache.Options.Account is not null
        || _runtime.CommittedBytes > _options.MemoryLimit / 4 || _options.MemoryLimit < 8 << 20;

    private void Accept(FuzzCache cache, nint address, bool zero = false)
    {
        CacheSnapshot snapshot = cache.Cache.Snapshot();
        Equal(0, address % snapshot.Alignment, $"0x{address:x} modulo {snapshot.Alignment}");
        var live = new Live(address, cache.Cache.ObjectSize, isZero: zero || cache.Options.Zeroing == SlabZeroing.OnAlloc);
        foreach (FuzzCache other in _caches)
        {
            foreach (Live held in other.Objects)
            {
                Require(address >= held.Address + held.Size || held.Address >= address + live.Size, $"0x{address:x} of {cache.Cache.Name} overlaps 0x{held.Address:x} of {other.Cache.Name}.");
            }
        }

        cache.Objects.Add(live);
    }

    private Live? Remove(List<Live> from)
    {
        if (from.Count == 0)
        {
            return null;
        }

        int index = _script.Below(from.Count);
        Live live = from[index];
        from[index] = from[^1];
        from.RemoveAt(from.Count - 1);
        live.Check(_step);
        return live;
    }

    private void FreeOne(FuzzCache cache)
    {
        Note($"frees of {cache.Cache.Name}");
        if (Remove(cache.Objects) is not { } live)
        {
            return;
        }

        if (_script.OneIn(8))
        {
            Note("  later");
            if (cache.Options.Zeroing != SlabZeroing.OnFree)
            {
                cache.Cache.FreeDeferred(live.Address);
                return;
            }

            Refused<InvalidOperationException>("frees later what is cleared", () => cache.Cache.FreeDeferred(live.Address));
            cache.Cache.Free(live.Address);
        }
        else
        {
            cache.Cache.Free(live.Address);
        }
    }

    private void AllocSeveral(FuzzCache cache)
    {
        nint[] addresses = new nint[_script.Below(200)];
        bool throws = _script.OneIn(2);
        bool taken = Try($"allocates {addresses.Length} of {cache.Cache.Name}", () =>
        {
            if (throws)
            {
                cache.Cache.AllocBulk(addresses);
                return true;
            }

            return cache.Cache.TryAllocBulk(addresses, _script.Any(GfpFlags.Kernel, GfpFlags.Atomic));
        });
        if (taken)
        {
            Array.ForEach(addresses, address => Accept(cache, address));
        }
        else
        {
            Equal(-1, Array.FindIndex(addresses, address => address != 0), "an address of a bulk that failed");
        }
    }

    private void FreeSeveral(FuzzCache cache)
    {
        int count = Math.Min(_script.Below(200), cache.Objects.Count);
        Note($"frees {count} of {cache.Cache.Name}");
        nint[] addresses = new nint[count];
        for (int i = 0; i < count; i++)
        {
            addresses[i] = Remove(cache.Objects)!.Address;
        }

        cache.Cache.FreeBulk(addresses);
    }

    private void ShrinkOrMove(FuzzCache cache)
    {
        switch (_script.Below(4))
        {
            case 0:
                Note($"lets {cache.Cache.Name} move");
                if (cache.IsPinned || cache.Moves)
                {
                    Refused<InvalidOperationException>("sets a move that is refused", () => cache.Cache.SetMove((_, _) => SlabMoveReply.No));
                    return;
                }

                cache.Cache.SetMove((from, to) => Move(cache, from, to));
                cache.Moves = true;
                break;
            case 1 when cache.Moves:
                Note($"consolidates {cache.Cache.Name}");
                cache.Cache.Consolidate();
                break;
            case 1:
                Refused<InvalidOperationException>("consolidates what does not move", () => cache.Cache.Consolidate());
                break;
            default:
                Note($"shrinks {cache.Cache.Name}");
                cache.Cache.Shrink();
                break;
        }
    }

    /// <summary>Background reclaim may call it too: on another thread, while the script's own waits for nothing of it.</summary>
    private SlabMoveReply Move(FuzzCache cache, nint from, nint to)
    {
        if (Environment.CurrentManagedThreadId != _thread)
        {
            return SlabMoveReply.Later;
        }

        Live? live = cache.Objects.Find(held => held.Address == from);
        if (live is null)
        {
            return SlabMoveReply.DontKnow;
        }

        int reply = (int)(((ulong)from >> 4) % 8);
        if (reply < 2)
        {
            return reply == 0 ? SlabMoveReply.No : SlabMoveReply.Later;
        }

        live.Check("moved");
        if (reply == 2)
        {
            cache.Objects.Remove(live);
            return SlabMoveReply.DontNeed;
        }

        live.Address = to;
        live.Fill();
        return SlabMoveReply.Yes;
    }

    private void ResetOrDestroy(FuzzCache cache)
    {
        long expected = cache.Expected;
        if (_script.OneIn(2))
        {
            if (cache.Pool is not null)
            {
                Refused<InvalidOperationException>($"resets {cache.Cache.Name} with a pool", () => cache.Cache.Reset());
                return;
            }

            Note($"resets {cache.Cache.Name}");
            Equal(expected, cache.Cache.Reset(), "live objects of a reset");
            cache.Forget();
            return;
        }

        bool clean = _script.OneIn(2) || cache.Pool is not null;
        Note($"destroys {cache.Cache.Name}");
        if (clean)
        {
            cache.FreeAll();
        }
        else if (expected > 0)
        {
            return; // a leak is kept mapped, and the end of the runtime would tell of it
        }

        LeakReport leak = cache.Cache.Destroy();
        Equal((true, 0L), (leak.IsClean, leak.LiveObjects), "the report of a clean cache");
        _caches.Remove(cache);
        Refused<ObjectDisposedException>("allocates of a destroyed cache", () => cache.Cache.Alloc());
        Refused<ObjectDisposedException>("destroys it again", () => cache.Cache.Destroy());
    }
}
