using static SlabGen.Fuzz.FuzzException;

namespace SlabGen.Fuzz;

// What must not be done, and what it is answered.
public sealed partial class World
{
    /// <summary>A bad pointer is named by the call in checked mode, and else by that call or by the one that empties the magazines; and nothing else is harmed.</summary>
    private unsafe void Misuse(FuzzCache cache)
    {
        long onStack = 0;
        nint bad;
        SlabFault fault;
        switch (_script.Below(5))
        {
            case 0:
                (bad, fault) = (0, SlabFault.NullPointer);
                break;
            case 1:
                (bad, fault) = ((nint)(&onStack), SlabFault.ForeignPointer);
                break;
            case 2 when cache.Objects.Count > 0 && cache.Cache.ObjectSize > 1:
                nint inside = cache.Objects[_script.Below(cache.Objects.Count)].Address + 1 + _script.Below(cache.Cache.ObjectSize - 1);
                (bad, fault) = (inside, SlabFault.InteriorPointer);
                break;
            case 3 when cache.Objects.Count > 0:
                bad = Remove(cache.Objects)!.Address;
                fault = SlabFault.DoubleFree;
                Note($"frees 0x{bad:x} of {cache.Cache.Name} for the first time");
                cache.Cache.Free(bad);
                cache.Cache.Shrink(); // else a full magazine in between may tell of it in another call
                if (_runtime.Describe(bad).Cache != cache.Cache)
                {
                    fault = SlabFault.ForeignPointer; // its slab is gone, or serves another cache
                }

                break;
            case 4 when _caches.Find(other => other != cache && other.Objects.Count > 0) is { } other:
                (bad, fault) = (other.Objects[0].Address, SlabFault.WrongCache);
                break;
            default:
                return;
        }

        Note($"frees 0x{bad:x} to {cache.Cache.Name}: {fault}");
        SlabException? told = ToldBy(() => cache.Cache.Free(bad));
        Require(told is not null || !cache.IsChecked, "Checked mode did not tell at the call.");
        SlabException? later = ToldBy(() => cache.Cache.Shrink());
        Require(told is null || later is null, $"It was told twice: {told?.Message} {later?.Message}");
        told ??= later;
        Require(told is not null, "It was not told.");
        // Background reclaim may give the slab of a freed object back at any moment, and another cache may take its pages.
        bool mayBeElsewhere = fault is SlabFault.DoubleFree or SlabFault.ForeignPointer && told!.Fault is SlabFault.ForeignPointer or SlabFault.WrongCache or SlabFault.InteriorPointer;
        Require(told!.Fault == fault || mayBeElsewhere, $"It was told as {told.Fault}.");
        Equal(bad, told.Address, "the address that was told");
    }

    private static SlabException? ToldBy(Action action)
    {
        try
        {
            action();
            return null;
        }
        catch (SlabException e)
        {
            return e;
        }
    }

    /// <summary>Arguments that mean nothing: an exception for them, or what they say is done.</summary>
    private void SayNonsense()
    {
        long odd = _script.Odd(), other = _script.Odd();
        string name = _script.Any("", " ", "a b", "\0", "\ud800", new string('x', 257), "ok", "\u200b");
        switch (_script.Below(10))
        {
            case 0:
                Expect(() => _runtime.CreateCache(name, (int)odd));
                break;
            case 1:
                var options = new SlabCacheOptions
                {
                    Alignment = (int)odd, Order = (int)other, MagazineRounds = _script.Byte() - 1, MinPartial = _script.Byte() - 1, Zone = (ZoneKind)_script.Below(7),
                    Fallback = (ZoneFallback)_script.Below(4), Zeroing = (SlabZeroing)_script.Below(5), MaxObjects = other, RandomSeed = _script.OneIn(2) ? 7 : null,
                };
                Expect(() => _runtime.CreateCache("nonsense", 1 + (int)(odd & 0xffff), options));
                break;
            case 2:
                Expect(() =>
                {
                    if (Pages.TryAllocPages((GfpFlags)(int)odd & ~GfpFlags.NoFail, (int)other, out PagePtr page, (ZoneFallback)_script.Below(4), _script.Byte() - 2))
                    {
                        _pages.Add((page, page.Address == 0 ? null : new Live(page.Address, page.Pages * PageAllocator.PageSize), 1));
                    }
                });
                break;
            case 3:
                Expect(() => Pages.FreePages((nint)odd), ifNoneIsHeldAt: (nint)odd);
                break;
            case 4:
                Expect(() => _ = Pages.PageOf((nint)odd));
                break;
            case 5:
                Expect(() => _account.Limit = odd is >= 0 and < 1 << 17 ? 1 << 17 : odd);
                break;
            case 6:
                Note($"describes 0x{odd:x}");
                _ = _runtime.Describe((nint)odd).ToString();
                break;
            case 7:
                Expect(() => _runtime.Faults.Inject((FaultPoint)(int)odd, new FaultAttributes { Interval = other, Times = 0 }));
                break;
            case 8 when AnyKmalloc() is { } kmalloc:
                Expect(() => kmalloc.TryAlloc((nuint)(ulong)Math.Abs(odd >> 1), (int)other, out _blockOfNonsense));
                Expect(() => kmalloc.Free(_blockOfNonsense));
                _blockOfNonsense = 0;
                break;
            case 9 when _caches.Count > 0:
                Expect(() => new Mempool(_caches[0].Cache, odd > 1000 ? 0 : (int)odd, name).Dispose());
                Expect(() => _caches[0].Cache.TryAlloc((GfpFlags)(int)other & ~GfpFlags.NoFail, out _objectOfNonsense, (int)odd));
                if (_objectOfNonsense != 0)
                {
                    _caches[0].Cache.Free(_objectOfNonsense);
                    _objectOfNonsense = 0;
                }

                break;
        }
    }

    private nint _blockOfNonsense, _objectOfNonsense;

    private void Expect(Action action, nint ifNoneIsHeldAt = 0)
    {
        if (ifNoneIsHeldAt != 0 && (_pages.Exists(held => held.Page.Address == ifNoneIsHeldAt) || _blocks.Exists(held => held.Block.Address == ifNoneIsHeldAt)))
        {
            return;
        }

        Note("says nonsense");
        try
        {
            action();
            if (_runtime.Caches is [.., var last] && _caches.TrueForAll(held => held.Cache != last) && last.Name is "ok" or "nonsense")
            {
                Note($"  and made {last.Snapshot()}");
                last.Destroy();
            }
        }
        catch (Exception e) when (e is ArgumentException or OutOfMemoryException or InvalidOperationException or IOException)
        {
            Note($"  {e.Message}");
        }
    }
}
