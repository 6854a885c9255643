using System.Buffers;
using static SlabGen.Fuzz.FuzzException;

namespace SlabGen.Fuzz;

// What users hold of one object, and objects set aside.
public sealed partial class World
{
    /// <summary>Caches whose objects may be anything of this size or more.</summary>
    private static bool FitsLong(FuzzCache cache) => cache.Cache.ObjectSize >= sizeof(long);

    private void ByHandle(FuzzCache cache)
    {
        if (!FitsLong(cache))
        {
            Refused<ArgumentException>("makes handles of objects that are too small", () => _ = new SlabHandles<long>(cache.Cache));
            return;
        }

        if (cache.Moves)
        {
            Refused<InvalidOperationException>("makes handles of what moves", () => _ = new SlabHandles<long>(cache.Cache));
            return;
        }

        var handles = new SlabHandles<long>(cache.Cache);
        cache.IsPinned = true;
        switch (_script.Below(5))
        {
            case 0 or 1:
                if (Try($"allocates of {cache.Cache.Name} by handle", () => handles.TryAlloc(out _handle)))
                {
                    long value = _script.Byte();
                    _handle.Value = value;
                    cache.Handles.Add((_handle, value));
                }

                break;
            case 2 when TakeHandle(cache) is { } held:
                Note($"frees of {cache.Cache.Name} by handle");
                handles.Free(held);
                cache.Stale.Add(held);
                break;
            case 3 when TakeHandle(cache) is { } held:
                Note($"releases of {cache.Cache.Name} by handle");
                Require(handles.TryRelease(held, out SlabPtr<long> obj), "A live handle was not released.");
                cache.Stale.Add(held);
                cache.Objects.Add(new Live(obj.Address, cache.Cache.ObjectSize));
                break;
            default:
                CheckHandles(cache, handles);
                break;
        }
    }

    private SlabHandle<long> _handle;

    private SlabHandle<long>? TakeHandle(FuzzCache cache)
    {
        if (cache.Handles.Count == 0)
        {
            return null;
        }

        int index = _script.Below(cache.Handles.Count);
        (SlabHandle<long> handle, long value) = cache.Handles[index];
        cache.Handles.RemoveAt(index);
        Equal(value, handle.Value, "the value of a handle's object");
        return handle;
    }

    private void CheckHandles(FuzzCache cache, SlabHandles<long> handles)
    {
        Note($"reads handles of {cache.Cache.Name}");
        foreach ((SlabHandle<long> handle, long value) in cache.Handles)
        {
            Equal((true, true, value), (handle.IsLive, handles.Owns(handle), handle.Value), "a live handle");
        }

        foreach (SlabHandle<long> stale in cache.Stale)
        {
            Equal((false, false, false), (stale.IsLive, handles.Owns(stale), stale.TryGet(out _)), "a stale handle");
            Require(!handles.TryRelease(stale, out _), "A stale handle was released.");
            Refused<SlabException>("frees a stale handle", () => handles.Free(stale));
            Refused<SlabException>("reads a stale handle", () => _ = stale.Value);
        }

        Refused<SlabException>("frees the default handle", () => handles.Free(default));
    }

    private void OwnOrBuffer(FuzzCache cache)
    {
        bool owner = _script.OneIn(2);
        if (cache.Moves && (!owner || FitsLong(cache)))
        {
            Refused<InvalidOperationException>("owns what moves", () => _ = owner ? new SlabOwner<long>(cache.Cache) : (object)new SlabBuffer(cache.Cache));
            return;
        }

        if (owner && !FitsLong(cache))
        {
            Refused<ArgumentException>("owns an object that is too small", () => _ = new SlabOwner<long>(cache.Cache));
            return;
        }

        if (_script.OneIn(2))
        {
            cache.IsPinned = true;
            Try($"owns of {cache.Cache.Name}", () =>
            {
                if (owner)
                {
                    cache.Owners.Add(new SlabOwner<long>(cache.Cache));
                    cache.Owners[^1].Value = 7;
                }
                else
                {
                    cache.Buffers.Add(new SlabBuffer(cache.Cache));
                    cache.Buffers[^1].GetSpan().Fill(7);
                }

                return true;
            });
        }
        else if (owner && cache.Owners.Count > 0)
        {
            EndOwner(cache);
        }
        else if (!owner && cache.Buffers.Count > 0)
        {
            EndBuffer(cache);
        }
    }

    private void EndOwner(FuzzCache cache)
    {
        Note($"ends an owner of {cache.Cache.Name}");
        SlabOwner<long> last = cache.Owners[^1];
        cache.Owners.RemoveAt(cache.Owners.Count - 1);
        Equal(7, last.Value, "the value of an owner's object");
        last.Dispose();
        Refused<ObjectDisposedException>("uses an owner that was disposed", () => _ = last.Value);
        if (cache.IsChecked)
        {
            Refused<SlabException>("disposes of an owner twice", last.Dispose);
        }
        else
        {
            last.Dispose();
        }
    }

    private void EndBuffer(FuzzCache cache)
    {
        Note($"ends a buffer of {cache.Cache.Name}");
        SlabBuffer last = cache.Buffers[^1];
        cache.Buffers.RemoveAt(cache.Buffers.Count - 1);
        Equal(-1, last.GetSpan().IndexOfAnyExcept((byte)7), "a buffer's byte");
        MemoryHandle pin = last.Pin();
        last.Dispose();
        if (_script.OneIn(2))
        {
            last.Dispose();
        }

        cache.CheckPinned(_step);
        pin.Dispose(); // frees it
        Refused<ObjectDisposedException>("uses a buffer that was disposed", () => last.GetSpan());
    }

    private void Reserve(FuzzCache cache)
    {
        if (!FitsLong(cache))
        {
            Refused<ArgumentException>("reserves objects that are too small", () => _ = new SlabReservation<long>(cache.Cache, 1));
            return;
        }

        if (cache.Reservations.Count == 0 || _script.OneIn(3))
        {
            int count = _script.Below(60);
            Try($"reserves {count} of {cache.Cache.Name}", () =>
            {
                cache.Reservations.Add(new SlabReservation<long>(cache.Cache, count));
                return true;
            });
            return;
        }

        SlabReservation<long> reservation = cache.Reservations[^1];
        if (reservation.Remaining > 0 && !_script.OneIn(4))
        {
            Note($"takes a reserved one of {cache.Cache.Name}");
            Accept(cache, reservation.Alloc().Address); // without fail
            return;
        }

        Note($"ends a reservation of {cache.Cache.Name}");
        cache.Reservations.RemoveAt(cache.Reservations.Count - 1);
        reservation.Dispose();
        Refused<ObjectDisposedException>("takes of a reservation that was disposed", () => reservation.Alloc());
    }

    private void UsePool(FuzzCache cache)
    {
        if (cache.Pool is not { } pool)
        {
            int least = 1 + _script.Below(30);
            Try($"makes a pool of {least} of {cache.Cache.Name}", () =>
            {
                cache.Pool = new Mempool(cache.Cache, least);
                return true;
            });
            return;
        }

        Require(pool.Count <= pool.Minimum && pool.Outstanding == cache.OfPool.Count, $"The pool has {pool.Count} of {pool.Minimum}, and {pool.Outstanding} of {cache.OfPool.Count} are out.");
        switch (_script.Below(6))
        {
            case 0 or 1:
                bool mustServe = pool.Count > 0;
                nint element = 0;
                bool served = Try($"takes of the pool of {cache.Cache.Name}", () => pool.TryAlloc(out element));
                Require(served || !mustServe, "A pool with elements in reserve served none.");
                if (served)
                {
                    cache.OfPool.Add(new Live(element, cache.Cache.ObjectSize));
                }

                break;
            case 2 when Remove(cache.OfPool) is { } live:
                Note($"frees to the pool of {cache.Cache.Name}");
                pool.Free(live.Address);
                break;
            case 3:
                int least = 1 + _script.Below(60);
                Try($"resizes the pool of {cache.Cache.Name} to {least}", () =>
                {
                    pool.Resize(least);
                    Equal(least, pool.Minimum, "the minimum of the pool");
                    return true;
                });
                break;
            case 4 when cache.OfPool.Count == 0:
                Note($"ends the pool of {cache.Cache.Name}");
                pool.Dispose();
                cache.Pool = null;
                Refused<ObjectDisposedException>("takes of a pool that was disposed", () => pool.TryAlloc(out _));
                break;
        }
    }
}
