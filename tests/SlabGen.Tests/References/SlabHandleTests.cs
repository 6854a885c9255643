using System.Runtime.CompilerServices;
using SlabGen.Memory;
using SlabGen.Metadata;
using SlabGen.Tests.Concurrency;
using SlabGen.Tests.Generated;
using CsCheck;

namespace SlabGen.Tests.References;

/// <summary>A handle finds its object while that lives, and never anything afterwards.</summary>
public sealed class SlabHandleTests
{
    [Fact]
    public void Addresses_that_were_short_at_the_first_handle_are_used_when_they_are_there() => Assert.Equal((0, 400_000), ChildProcess.TakeHandles());

    [Fact]
    public void AHandle_IsSixteenBytes_AndFindsItsObjectUntilItIsFreed()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(100);
        SlabHandles<Order> orders = New(runtime);
        SlabHandle<Order> handle = orders.Alloc();
        Assert.Equal(16, Unsafe.SizeOf<SlabHandle<Order>>());
        handle.Value = new Order { Id = 7, Price = 2.5 };
        Assert.True(handle.TryGet(out SlabPtr<Order> pointer));
        Assert.Equal(7, pointer.Value.Id);
        Assert.True(handle.IsLive && orders.Owns(handle));

        orders.Free(handle);
        AssertStale(handle);
        Assert.False(orders.Owns(handle));
        Assert.Equal(SlabFault.StaleHandle, Assert.Throws<SlabException>(() => orders.Free(handle)).Fault);
        Assert.Equal(0, orders.Cache.Snapshot().LiveObjects);
    }

    [Fact]
    public void In_checked_mode_the_object_of_a_live_handle_is_not_freed_by_its_address()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(100, isChecked: true);
        SlabHandles<Order> orders = New(runtime);
        SlabHandle<Order> handle = orders.Alloc(), other = orders.Alloc();
        Assert.True(handle.TryGet(out SlabPtr<Order> pointer));

        SlabException error = Assert.Throws<SlabException>(() => orders.Cache.Free(pointer.Address));
        Assert.Equal((SlabFault.HasHandle, pointer.Address), (error.Fault, error.Address));
        Assert.Equal(SlabFault.HasHandle, Assert.Throws<SlabException>(() => orders.Cache.FreeBulk([pointer.Address])).Fault);
        Assert.Equal(SlabFault.HasHandle, Assert.Throws<SlabException>(() => orders.Cache.FreeDeferred(pointer.Address)).Fault);

        // Nothing was lost by that: the handle frees it, and what it released is free to its address.
        Assert.True(handle.IsLive);
        orders.Free(handle);
        Assert.True(orders.TryRelease(other, out SlabPtr<Order> released));
        orders.Cache.Free(released.Address);
        Assert.Equal(0, orders.Cache.Snapshot().LiveObjects);
    }

    [Fact]
    public void TheDefaultHandle_IsNeverLive()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(100);
        SlabHandles<Order> orders = New(runtime);
        AssertStale(default);
        SlabHandle<Order> first = orders.Alloc(); // the first entry of the first page, perhaps
        AssertStale(default);
        Assert.Contains("default", Assert.Throws<SlabException>(() => orders.Free(NeverSet)).Message, StringComparison.Ordinal);
        orders.Free(first);
        AssertStale(default);
    }

    [Fact]
    public void AStaleHandle_IsFound_WhenItsMemoryServesAnotherCache()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(32);
        SlabHandles<Order> orders = New(runtime);
        SlabHandle<Order> handle = orders.Alloc();
        handle.TryGet(out SlabPtr<Order> was);
        orders.Free(handle);
        Assert.False(orders.Cache.Shrink()); // the slab went back

        KmemCache other = runtime.CreateCache("other", Page.Size);
        var held = new List<nint>();
        while (other.TryAlloc(out nint address))
        {
            held.Add(address);
        }

        Assert.Contains(was.Address & -Page.Size, held);
        AssertStale(handle);
        other.FreeBulk([.. held]);
    }

    [Fact]
    public void AnEntryUsedAgain_KeepsEveryOldHandleStale()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(100);
        SlabHandles<Order> orders = New(runtime);
        var old = new List<SlabHandle<Order>>();
        for (int i = 0; i < 1000; i++)
        {
            SlabHandle<Order> handle = orders.Alloc();
            Assert.Equal(handle.Index, i == 0 ? handle.Index : old[0].Index); // the same entry
            Assert.All(old, AssertStale);
            orders.Free(handle);
            old.Add(handle);
            old.RemoveRange(1, Math.Max(0, old.Count - 20));
        }
    }

    [Fact]
    public void AHandleOfAnotherCache_IsRefused_AndItsObjectLives()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(100);
        SlabHandles<Order> orders = New(runtime), others = New(runtime);
        SlabHandle<Order> own = orders.Alloc(), foreign = others.Alloc();
        Assert.NotEqual(own, foreign);
        Assert.False(orders.Owns(foreign));
        Assert.Equal(SlabFault.StaleHandle, Assert.Throws<SlabException>(() => orders.Free(foreign)).Fault);
        Assert.True(foreign.IsLive);
        others.Free(foreign);
        orders.Free(own);
    }

    [Fact]
    public void ADestroyedCache_LeavesItsHandlesStale_AlsoWhenAnotherGetsTheirIndexes()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(100);
        var stale = new List<SlabHandle<Order>>();
        var indexes = new List<uint>();
        for (int round = 0; round < 20; round++)
        {
            SlabHandles<Order> orders = New(runtime);
            SlabHandle<Order>[] live = [.. Enumerable.Range(0, 300).Select(_ => orders.Alloc())];
            Assert.All(stale, AssertStale);
            indexes.AddRange(live.Select(handle => handle.Index));
            foreach (SlabHandle<Order> handle in live[1..])
            {
                orders.Free(handle);
            }

            stale.AddRange(live);
            nint leaked = live[0].TryGet(out SlabPtr<Order> pointer) ? pointer.Address : 0;
            Assert.Equal([leaked], orders.Cache.Destroy().Addresses);
            Assert.Throws<ObjectDisposedException>(() => orders.Free(live[0]));
            Assert.Throws<ObjectDisposedException>(() => orders.Alloc());
            Assert.All(stale, AssertStale);
            orders.Cache.Slabs.Give([leaked]); // a destroyed cache takes nothing back: what leaked is put right here
            orders.Cache.Slabs.DiscardEmpty();
        }

        Assert.True(indexes.Distinct().Count() < indexes.Count, "No index was used again.");
        runtime.CreateCache("last", 64).Destroy(); // which looks at those that were destroyed before
    }

    [Fact]
    public void TheEntries_CountAsMetadata_AndGoBackWithTheCache()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(1000);
        SlabHandles<Order> orders = New(runtime);
        Assert.Equal(0, orders.Cache.Snapshot().MetadataBytes);
        SlabHandle<Order>[] handles = [.. Enumerable.Range(0, 5000).Select(_ => orders.Alloc())];
        Assert.Equal(2 * Page.RoundUp(5000 * 4, Page.Size), orders.Cache.Handles.Bytes);
        Assert.True(orders.Cache.Snapshot().MetadataBytes > 5000 * 8);
        Array.ForEach(handles, orders.Free);
        Assert.True(orders.Cache.Destroy().IsClean);
        Assert.Equal(0, runtime.Pages.Normal.AllocatedPages);
    }

    [Fact]
    public void AnEntryAtItsLastGeneration_IsRetired()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(100);
        SlabHandles<Order> orders = New(runtime);
        SlabHandle<Order> handle = orders.Alloc();
        orders.Free(handle);
        HandleGenerations.Of(handle.Index) = HandleGenerations.Last - 3; // as after so many frees
        SlabHandle<Order> last = default;
        for (int i = 0; i < 2; i++)
        {
            last = orders.Alloc();
            Assert.Equal(handle.Index, last.Index);
            orders.Free(last);
        }

        Assert.Equal(HandleGenerations.Last, last.Generation);
        SlabHandle<Order> next = orders.Alloc();
        Assert.NotEqual(handle.Index, next.Index);
        AssertStale(last);
        AssertStale(default);
        orders.Free(next);
    }

    [Fact]
    public void WithoutMemoryForAnEntry_NothingIsTaken()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(16);
        SlabHandles<Order> orders = New(runtime);
        var handles = new List<SlabHandle<Order>>();
        while (orders.TryAlloc(out SlabHandle<Order> handle))
        {
            handles.Add(handle);
            Assert.True(handles.Count < 10_000);
        }

        Assert.Throws<OutOfMemoryException>(() => orders.Alloc());
        Assert.NotEmpty(handles);
        Assert.Equal(handles.Count, orders.Cache.Snapshot().LiveObjects);
        Assert.All(handles, handle => Assert.True(handle.IsLive));
        handles.ForEach(orders.Free);
        Assert.False(orders.Cache.Shrink());
    }

    [Fact]
    public void BitsThatAreNoHandle_AreNeverFound_AndNeverCrash()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(100);
        SlabHandles<Order> orders = New(runtime);
        SlabHandle<Order> live = orders.Alloc();
        Gen.Select(Gen.ULong, Gen.ULong).Sample((high, low) =>
        {
            SlabHandle<Order> forged = Unsafe.BitCast<UInt128, SlabHandle<Order>>(new UInt128(high, low));
            Assert.True(forged == live || !orders.Owns(forged));
            forged.TryGet(out _); // of any cache of the process
        }, iter: 10_000);
        AssertStale(new SlabHandle<Order>(0, uint.MaxValue, uint.MaxValue));
        AssertStale(new SlabHandle<Order>(live.Address, live.Index, live.Generation + 1));
        AssertStale(new SlabHandle<Order>(live.Address, live.Index, live.Generation - 1));
        orders.Free(live);
    }

    [Fact]
    public void AHandle_TornFromTwo_IsFoundStale_AndFreesNothing()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(1000);
        var words = new SlabHandles<long>(runtime.CreateCache("words", 8));
        SlabHandle<long>[] handles = [.. Enumerable.Range(0, 1000).Select(_ => words.Alloc())];
        for (int i = 0; i < 500; i++) // as many of uses that differ by one and two
        {
            words.Free(handles[i]);
            handles[i] = i % 2 == 0 ? handles[i] : words.Alloc();
        }

        for (int i = 0; i < handles.Length; i++)
        {
            for (int j = Math.Max(0, i - 20); j < Math.Min(handles.Length, i + 20); j++)
            {
                (ulong _, ulong address) = Halves(handles[i]);
                (ulong entry, ulong other) = Halves(handles[j]);
                SlabHandle<long> torn = Unsafe.BitCast<UInt128, SlabHandle<long>>(new UInt128(entry, address));
                Assert.Equal(address == other && handles[j].IsLive, torn.IsLive);
                Assert.Equal(torn.IsLive, words.Owns(torn));
            }
        }

        Assert.Equal(handles.Count(handle => handle.IsLive), words.Cache.Snapshot().LiveObjects);
        Array.ForEach(handles, handle => _ = handle.IsLive && FreeOf(words, handle));

        static (ulong High, ulong Low) Halves(SlabHandle<long> handle)
        {
            UInt128 bits = Unsafe.BitCast<SlabHandle<long>, UInt128>(handle);
            return ((ulong)(bits >> 64), (ulong)bits);
        }

        static bool FreeOf(SlabHandles<long> words, SlabHandle<long> handle)
        {
            words.Free(handle);
            return true;
        }
    }

    [Fact]
    public void TornHandles_OfAddressesAlikeInTheirLowHalf_AreFoundStale()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(100);
        SlabHandles<Order> orders = New(runtime);
        SlabHandle<Order> live = orders.Alloc();
        for (long apart = 1; apart < 1000; apart++)
        {
            ulong entry = (ulong)(Unsafe.BitCast<SlabHandle<Order>, UInt128>(live) >> 64);
            ulong address = (ulong)live.Address + (ulong)(apart << 32);
            Assert.False(Unsafe.BitCast<UInt128, SlabHandle<Order>>(new UInt128(entry, address)).IsLive);
        }

        orders.Free(live);
    }

    [Fact]
    public void MovedObjects_AndHandles_ExcludeEachOther()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(100);
        KmemCache moved = runtime.CreateCache<Order>("moved"), held = runtime.CreateCache<Order>("held");
        moved.SetMove((_, _) => SlabMoveReply.No);
        Assert.Contains("'moved'", Assert.Throws<InvalidOperationException>(() => new SlabHandles<Order>(moved)).Message, StringComparison.Ordinal);
        _ = new SlabHandles<Order>(held);
        _ = new SlabHandles<Order>(held);
        Assert.Contains("handles", Assert.Throws<InvalidOperationException>(() => held.SetMove((_, _) => SlabMoveReply.No)).Message, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => held.Consolidate());
        Assert.Throws<ArgumentException>(() => new SlabHandles<Order>(runtime.CreateCache("small", 8)));
        Assert.Throws<ArgumentNullException>(() => new SlabHandles<Order>(null!));
    }

    /// <summary>Threads free handles that others hold too, and read stale ones meanwhile: one free wins, and no stale handle finds anything.</summary>
    [Fact]
    public void OfThreadsThatFreeOneHandle_OneWins_AndStaleOnesStayStaleMeanwhile()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(4000);
        SlabHandles<Order> orders = New(runtime);
        var shared = new SlabHandle<Order>[64];
        var stale = new SlabHandle<Order>[64];
        for (int i = 0; i < shared.Length; i++)
        {
            shared[i] = orders.Alloc();
        }

        long freed = 0, lost = 0;
        TestThreads.Run(3, number =>
        {
            long end = Environment.TickCount64 + ((long)TestThreads.StressTime.TotalMilliseconds / 2);
            for (var random = new Random(number); Environment.TickCount64 < end;)
            {
                int place = random.Next(shared.Length);
                SlabHandle<Order> handle = shared[place]; // torn, perhaps
                try
                {
                    orders.Free(handle);
                    Interlocked.Increment(ref freed);
                    stale[place] = handle;
                    shared[place] = orders.Alloc();
                }
                catch (SlabException error) when (error.Fault == SlabFault.StaleHandle)
                {
                    Interlocked.Increment(ref lost); // another thread had read it too
                }

                for (int i = 0; i < stale.Length; i++)
                {
                    Assert.False(stale[i].TryGet(out _));
                }
            }
        });
        TestContext.Current.SendDiagnosticMessage("{0} freed, {1} that another thread had freed", freed, lost);
        Assert.True(freed > 100, $"The stress did not stress: {freed} freed.");
        Assert.Equal(shared.Length, orders.Cache.Snapshot().LiveObjects);
        Array.ForEach(shared, orders.Free);
    }

    // As a field would have it; of the literal the compiler says that it cannot be freed.
    private static SlabHandle<Order> NeverSet => default;

    private static SlabHandles<Order> New(SlabRuntime runtime) => new(runtime.CreateCache<Order>("orders"));

    private static void AssertStale(SlabHandle<Order> handle)
    {
        Assert.False(handle.IsLive);
        Assert.False(handle.TryGet(out SlabPtr<Order> pointer));
        Assert.True(pointer.IsNull);
        Assert.Equal(SlabFault.StaleHandle, Assert.Throws<SlabException>(() => handle.Value.Id).Fault);
    }

    internal struct Order
    {
        public long Id;
        public double Price;
    }
}
