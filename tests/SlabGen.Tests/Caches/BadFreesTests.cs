namespace SlabGen.Tests.Caches;

/// <summary>
/// A pointer that is not the cache's to take back is found, named, and dropped: at the call in checked mode, and else
/// when its magazine is emptied; and no other object is lost with it.
/// </summary>
public sealed class BadFreesTests
{
    public static TheoryData<SlabFault, bool> Faults
    {
        get
        {
            var rows = new TheoryData<SlabFault, bool>();
            // Of handles: SlabHandleTests has them. Of guards: GuardedObjectTests.
            foreach (SlabFault fault in Enum.GetValues<SlabFault>().Where(f => f is > SlabFault.None and <= SlabFault.DoubleFree))
            {
                rows.Add(fault, true);
                rows.Add(fault, false);
            }

            return rows;
        }
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public unsafe void BadPointer_IsNamed_AndNothingElseIsLost(SlabFault fault, bool isChecked)
    {
        using SlabRuntime runtime = TestRuntime.OfPages(64, isChecked);
        KmemCache cache = runtime.CreateCache("mine", 64), other = runtime.CreateCache("other", 64);
        nint[] live = new nint[300];
        cache.AllocBulk(live);
        nint foreign = other.Alloc();
        long onStack = 0;
        nint bad = fault switch
        {
            SlabFault.NullPointer => 0,
            SlabFault.ForeignPointer => (nint)(&onStack),
            SlabFault.WrongCache => foreign,
            SlabFault.InteriorPointer => live[7] + 8,
            SlabFault.DoubleFree => live[7],
            _ => throw new ArgumentOutOfRangeException(nameof(fault)),
        };

        SlabException? error = null;
        if (fault == SlabFault.DoubleFree)
        {
            cache.Free(bad);
        }

        if (isChecked || fault == SlabFault.NullPointer)
        {
            error = Assert.Throws<SlabException>(() => cache.Free(bad));
        }
        else
        {
            cache.Free(bad);
            error = Assert.Throws<SlabException>(() => cache.Shrink());
        }

        Assert.Equal(fault, error.Fault);
        Assert.Equal("mine", error.CacheName);
        Assert.Equal(bad, error.Address);
        Assert.Contains("'mine'", error.Message, StringComparison.Ordinal);
        Assert.Contains(bad == 0 ? "null" : $"0x{bad:x}", error.Message, StringComparison.Ordinal);

        // Everything else is where it was.
        int stillLive = fault == SlabFault.DoubleFree ? 299 : 300;
        Assert.Equal(stillLive, cache.Snapshot().LiveObjects);
        Assert.Equal(1, other.Snapshot().LiveObjects);
        cache.FreeBulk(fault == SlabFault.DoubleFree ? live.Where(o => o != bad).ToArray() : live);
        other.Free(foreign);
        Assert.False(cache.Shrink());
        Assert.False(other.Shrink());
    }

    [Fact]
    public void BadPointer_IsFoundByTheCallThatEmptiesItsMagazine()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(64);
        KmemCache cache = runtime.CreateCache("mine", 64, new SlabCacheOptions { MagazineRounds = 2, DepotBytes = 0 });
        nint[] live = new nint[20];
        cache.AllocBulk(live);
        cache.Free(live[0]);
        cache.Free(live[0]);
        int freed = 0;
        SlabException? error = null;
        foreach (nint address in live.Skip(1))
        {
            try
            {
                cache.Free(address);
            }
            catch (SlabException e)
            {
                error = e;
            }

            freed++;
        }

        Assert.Equal(19, freed);
        Assert.Equal(SlabFault.DoubleFree, error?.Fault);
        Assert.Equal(live[0], error?.Address);
        Assert.Equal(0, cache.Snapshot().LiveObjects);
    }

    [Fact]
    public void NullInABulk_FreesNothing()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(64);
        KmemCache cache = runtime.CreateCache("mine", 64);
        nint[] live = new nint[10];
        cache.AllocBulk(live);
        nint[] withNull = [.. live[..5], 0, .. live[5..]];
        Assert.Equal(SlabFault.NullPointer, Assert.Throws<SlabException>(() => cache.FreeBulk(withNull)).Fault);
        Assert.Equal(10, cache.Snapshot().LiveObjects);
        cache.FreeBulk(live);
    }

    [Fact]
    public void BadPointersInABulk_AreLeftOut_AndTheRestIsTaken()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(64, isChecked: true);
        KmemCache cache = runtime.CreateCache("mine", 64);
        nint[] live = new nint[10];
        cache.AllocBulk(live);
        nint[] mixed = [.. live[..5], live[5] + 1, .. live[5..]];
        Assert.Equal(SlabFault.InteriorPointer, Assert.Throws<SlabException>(() => cache.FreeBulk(mixed)).Fault);
        Assert.Equal(0, cache.Snapshot().LiveObjects);
    }

    [Fact]
    public void AfterTheMemoryWentBack_AFreedPointerIsForeign()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(4096, isChecked: true);
        KmemCache cache = runtime.CreateCache("mine", 64);
        nint address = cache.Alloc();
        cache.Free(address);
        Assert.False(cache.Shrink());
        Assert.Equal(SlabFault.ForeignPointer, Assert.Throws<SlabException>(() => cache.Free(address)).Fault);
    }

    [Fact]
    public void BadPointer_FoundAtTheEndOfTheRuntime_IsReported_AfterAllWasReleased()
    {
        SlabRuntime runtime = TestRuntime.OfPages(64);
        KmemCache first = runtime.CreateCache("first", 64), second = runtime.CreateCache("second", 64);
        nint address = first.Alloc();
        first.Free(address);
        first.Free(address);
        second.Free(second.Alloc());
        Assert.Equal(SlabFault.DoubleFree, Assert.Throws<SlabException>(runtime.Dispose).Fault);
        Assert.True(second.Magazines.IsClosed);
        runtime.Dispose();
    }

    [Fact]
    public void FaultFoundByReclaim_IsThrownByTheNextCall_WhichDoesItsWorkFirst()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(64);
        KmemCache cache = runtime.CreateCache("mine", 64);
        nint[] live = new nint[299];
        cache.AllocBulk(live);
        nint twice = cache.Alloc();
        cache.Free(twice);
        cache.Free(twice);
        Assert.True(runtime.Pages.Reclaimer!.Reclaim(GfpFlags.Kernel, 1)); // finds it where nobody can be told

        Assert.Equal(SlabFault.DoubleFree, Assert.Throws<SlabException>(() => cache.FreeBulk(live)).Fault);
        Assert.Equal(0, cache.Snapshot().LiveObjects);
        cache.Free(cache.Alloc()); // told once
    }

    [Fact]
    public void FaultFoundByAFailingBulk_IsNotSwallowed()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(16);
        KmemCache cache = runtime.CreateCache("mine", 64);
        nint live = cache.Alloc();
        cache.Free(live + 8);
        Assert.Equal(SlabFault.InteriorPointer, Assert.Throws<SlabException>(() => cache.AllocBulk(new nint[15 * 64])).Fault);
        Assert.Equal(1, cache.Snapshot().LiveObjects);
        cache.Free(live);
        Assert.False(cache.Shrink());
    }

    [Fact]
    public void ShrinkOfTheRuntime_GoesOnPastABadPointer()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(4096);
        KmemCache first = runtime.CreateCache("first", 64), second = runtime.CreateCache("second", 64);
        nint twice = first.Alloc();
        first.Free(twice);
        first.Free(twice);
        second.Free(second.Alloc());
        Assert.Throws<SlabException>(() => runtime.Shrink());
        Assert.Equal((0, 0), (second.Snapshot().CachedObjects, second.Snapshot().Slabs));
        Assert.Equal(0, runtime.CommittedBytes);
    }

    [Fact]
    public void Realloc_ReturnsTheNewBlock_ThoughAnErrorIsPending()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(1024);
        Kmalloc kmalloc = runtime.Kmalloc;
        nint block = kmalloc.Alloc(64), twice = kmalloc.Alloc(64);
        kmalloc.Free(twice);
        kmalloc.Free(twice);
        Assert.True(runtime.Pages.Reclaimer!.Reclaim(GfpFlags.Kernel, 1));
        nint moved = kmalloc.Realloc(block, 128);
        Assert.Equal(128u, kmalloc.UsableSize(moved));
        kmalloc.Free(moved);
        Assert.Equal(SlabFault.DoubleFree, Assert.Throws<SlabException>(() => runtime.Shrink()).Fault);
    }

    [Fact]
    public void CheckedMode_DoesNotAdviseItself()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(64, isChecked: true);
        KmemCache cache = runtime.CreateCache("mine", 64);
        Assert.DoesNotContain("SLABGEN_DEBUG", Assert.Throws<SlabException>(() => cache.Free(24)).Message, StringComparison.Ordinal);
    }
}
