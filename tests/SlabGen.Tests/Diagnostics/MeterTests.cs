using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using SlabGen.Metrics;

namespace SlabGen.Tests.Diagnostics;

/// <summary>What the meter says is what snapshots say, bounded, and without a hold on anything.</summary>
[Collection("Alone")] // a reading may serve the listeners of other tests too
public sealed class MeterTests
{
    [Fact]
    public void A_listener_reads_what_the_snapshots_say()
    {
        using SlabRuntime runtime = Listening.Large("meter-values");
        KmemCache cache = runtime.CreateCache("orders", 100, new SlabCacheOptions { MaxObjects = 50 });
        nint[] objects = new nint[40];
        cache.AllocBulk(objects);
        cache.Free(objects[0]);
        Assert.False(cache.TryAllocBulk(new nint[20]));
        Dictionary<string, long> values = Listening.Metrics("meter-values");

        CacheSnapshot s = cache.Snapshot();
        Assert.Equal((39L, s.CachedObjects, s.FreeObjects, 0L),
            (values["slabgen.cache.objects orders live"], values["slabgen.cache.objects orders cached"],
                values["slabgen.cache.objects orders free"], values["slabgen.cache.objects orders deferred"]));
        Assert.Equal((s.FullSlabs, s.PartialSlabs, s.EmptySlabs),
            (values["slabgen.cache.slabs orders full"], values["slabgen.cache.slabs orders partial"], values["slabgen.cache.slabs orders empty"]));
        Assert.Equal((s.Bytes, s.TakenObjects, s.ReturnedObjects, s.Refills, s.Flushes),
            (values["slabgen.cache.memory orders"], values["slabgen.cache.transfers orders out"], values["slabgen.cache.transfers orders in"],
                values["slabgen.cache.refills orders"], values["slabgen.cache.flushes orders"]));
        Assert.Equal((s.MadeSlabs, s.DiscardedSlabs, 1L),
            (values["slabgen.cache.slab_changes orders made"], values["slabgen.cache.slab_changes orders discarded"], values["slabgen.cache.failures orders"]));
        Assert.Equal((runtime.MemoryLimit, runtime.CommittedBytes), (values["slabgen.runtime.limit"], values["slabgen.runtime.committed"]));
        Assert.Equal(runtime.Pages.Normal.AllocatedPages, values["slabgen.zone.pages Normal 0 used"]);
        Assert.Equal(0, values["slabgen.runtime.reclaims idle"]);
        runtime.Reclaim.Reap();
        Assert.Equal(1, Listening.Metrics("meter-values")["slabgen.runtime.reclaims idle"]);
        cache.Reset();
    }

    [Fact]
    public void Instruments_are_observable_with_a_unit_and_a_description_and_well_formed_names()
    {
        using SlabRuntime runtime = Listening.Large("meter-names");
        runtime.Kmalloc.Free(runtime.Kmalloc.Alloc(8));
        var instruments = new List<Instrument>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, _) =>
        {
            if (instrument.Meter.Name == SlabMeter.Name)
            {
                instruments.Add(instrument);
            }
        };
        listener.Start();
        Assert.Equal(14, instruments.Count);
        Assert.All(instruments, instrument =>
        {
            Assert.True(instrument.IsObservable);
            Assert.Matches(@"^slabgen(\.[a-z]+(_[a-z]+)*)+$", instrument.Name);
            Assert.Matches(@"^(By|\{[a-z]+\})$", instrument.Unit);
            Assert.EndsWith(".", instrument.Description, StringComparison.Ordinal);
        });
        Assert.DoesNotContain(instruments, a => instruments.Exists(b => b.Name.StartsWith(a.Name + ".", StringComparison.Ordinal)));
    }

    [Fact]
    public void Beyond_a_bound_caches_are_summed_the_smallest_first()
    {
        using SlabRuntime runtime = Listening.Large("meter-many");
        const int More = 7;
        for (int i = 0; i < MetricsReading.MaxCaches + More; i++)
        {
            runtime.CreateCache($"c{i}", 64).AllocBulk(new nint[i < More ? 1 : 1000]);
        }

        Dictionary<string, long> values = Listening.Metrics("meter-many");
        Assert.Equal(More, values["slabgen.cache.objects other live"]);
        Assert.Equal(1000, values[$"slabgen.cache.objects c{More} live"]);
        Assert.DoesNotContain("slabgen.cache.objects c0 live", values.Keys);
        Assert.Equal(MetricsReading.MaxCaches + 1, values.Keys.Count(key => key.StartsWith("slabgen.cache.memory", StringComparison.Ordinal)));
        foreach (KmemCache cache in runtime.Caches)
        {
            cache.Reset();
        }
    }

    [Fact]
    public void Caches_of_one_name_are_summed_and_those_never_used_are_left_out()
    {
        using SlabRuntime runtime = Listening.Large("meter-twice");
        KmemCache first = runtime.CreateCache("o", 64), second = runtime.CreateCache("o", 64);
        runtime.CreateCache("unused", 64);
        first.AllocBulk(new nint[3]);
        second.AllocBulk(new nint[4]);
        Dictionary<string, long> values = Listening.Metrics("meter-twice");
        Assert.Equal(7, values["slabgen.cache.objects o live"]);
        Assert.DoesNotContain(values.Keys, key => key.Contains("unused", StringComparison.Ordinal));
        first.Reset();
        second.Reset();
    }

    [Fact]
    public void A_runtime_that_ended_is_seen_no_more_and_held_by_nothing()
    {
        // On a thread of its own: what a thread had of a cache is held by it, and goes with it.
        WeakReference? used = null;
        var user = new Thread(() => used = UseAndDispose());
        user.Start();
        user.Join();
        WeakReference pages = used!;
        Assert.Empty(Listening.Metrics("meter-ended"));
        for (int i = 0; i < 10 && pages.IsAlive; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.False(pages.IsAlive);
    }

    [Fact]
    public void A_destroyed_cache_with_live_objects_is_still_seen()
    {
        SlabRuntime runtime = Listening.Large("meter-leak");
        KmemCache cache = runtime.CreateCache("leaky", 64, new SlabCacheOptions { NoMagazines = true });
        nint address = cache.Alloc();
        Assert.False(cache.Destroy().IsClean);
        Assert.Equal(1, Listening.Metrics("meter-leak")["slabgen.cache.objects leaky live"]);
        Assert.NotEqual(0, address);
        Assert.Throws<InvalidOperationException>(runtime.Close);
        Assert.Equal(1, Listening.Metrics("meter-leak")["slabgen.cache.objects leaky live"]);
        GC.KeepAlive(runtime);
    }

    [Fact]
    public void Listeners_may_look_while_runtimes_come_and_go()
    {
        bool stop = false;
        var looker = new Thread(() =>
        {
            while (!Volatile.Read(ref stop))
            {
                MetricsReading.Take();
            }
        });
        looker.Start();
        for (int i = 0; i < 50; i++)
        {
            SlabRuntime runtime = TestRuntime.OfPages(128);
            KmemCache cache = runtime.CreateCache("o", 64, new SlabCacheOptions { MagazineRounds = 4 });
            nint[] objects = new nint[100];
            cache.AllocBulk(objects);
            cache.FreeBulk(objects);
            runtime.Close();
        }

        Volatile.Write(ref stop, true);
        looker.Join();
    }

    [Fact]
    public void A_listener_may_use_caches_and_throw()
    {
        using SlabRuntime runtime = Listening.Large("meter-foreign");
        KmemCache cache = runtime.CreateCache("o", 64);
        cache.Free(cache.Alloc());
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (instrument.Meter.Name == SlabMeter.Name)
            {
                l.EnableMeasurementEvents(instrument);
            }
        };
        int calls = 0;
        listener.SetMeasurementEventCallback<long>((_, _, _, _) =>
        {
            calls++;
            runtime.Shrink(); // takes every lock of the runtime
            cache.Free(cache.Alloc());
            throw new InvalidOperationException("the listener's");
        });
        listener.Start();
        Assert.Throws<AggregateException>(listener.RecordObservableInstruments);
        Assert.True(calls > 0);
        TestRuntime.CheckHealth(runtime);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference UseAndDispose()
    {
        SlabRuntime runtime = Listening.Large("meter-ended");
        KmemCache cache = runtime.CreateCache("o", 64);
        cache.Free(cache.Alloc());
        Assert.NotEmpty(Listening.Metrics("meter-ended"));
        runtime.Close();
        return new WeakReference(runtime.Pages);
    }
}
