using SlabGen.Memory;
using SlabGen.Slabs;
using SlabGen.Tests.Generated;
using SlabGen.Tests.Reclaim;

namespace SlabGen.Tests.Caches;

/// <summary>A call that finds several errors tells the first, and none of the others is lost: later calls tell them, and the last call tells all.</summary>
public sealed class SecondErrorsTests
{
    [Fact]
    public void Shrink_of_a_cache_keeps_what_a_destructor_threw_beside_a_bad_pointer()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(256);
        KmemCache cache = WithBadPointer(runtime, "o");
        Assert.Equal(SlabFault.DoubleFree, Assert.Throws<SlabException>(() => cache.Shrink()).Fault);
        Assert.Equal("destructor", Assert.Throws<FormatException>(() => cache.Shrink()).Message);
        Assert.False(cache.Shrink());
    }

    [Theory]
    [InlineData(3)]
    [InlineData(40)]
    public void Every_destructor_that_throws_is_told_or_counted(int errors)
    {
        SlabRuntime runtime = TestRuntime.OfPages(256);
        int thrown = 0;
        KmemCache cache = runtime.CreateCache("o", 2048, null, (_, _) => true, (_, _) =>
        {
            if (thrown < errors)
            {
                throw new InvalidOperationException($"d{thrown++}");
            }
        });
        nint[] objects = new nint[200];
        cache.AllocBulk(objects);
        Exception? ofFree = Record.Exception(() => cache.FreeBulk(objects)); // slabs above those that a cache keeps go at once
        var told = new List<string>();
        for (Exception? error = ofFree ?? Record.Exception(() => cache.Shrink()); error is not null; error = Record.Exception(() => cache.Shrink()))
        {
            told.Add(error.Message);
        }

        int lost = told.Where(text => text.Contains("more errors", StringComparison.Ordinal)).Sum(text => int.Parse(text.Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture));
        told.RemoveAll(text => text.Contains("more errors", StringComparison.Ordinal));
        Assert.Equal(errors, thrown);
        Assert.Equal(errors, told.Distinct().Count() + lost);
        Assert.Equal(Enumerable.Range(0, Math.Min(errors, 3)).Select(i => $"d{i}"), told.Take(3));
        runtime.Close();
    }

    [Fact]
    public void Every_handler_of_leaks_is_called_and_all_they_throw_comes_out()
    {
        int called = 0;
        SlabRuntime runtime = TestRuntime.OfPages(256);
        var report = new SlabRuntimeReport([], 1, null);
        Action<SlabRuntimeReport> first = found => Fail(found, "first"), second = found => Fail(found, "second");
        SlabRuntime.LeaksFound += first;
        SlabRuntime.LeaksFound += second;
        try
        {
            AggregateException all = Assert.Throws<AggregateException>(() => SlabRuntime.Tell(report));
            Assert.Equal((2, "first", "second"), (called, all.InnerExceptions[^2].Message, all.InnerExceptions[^1].Message));
        }
        finally
        {
            SlabRuntime.LeaksFound -= first;
            SlabRuntime.LeaksFound -= second;
            runtime.Dispose();
        }

        void Fail(SlabRuntimeReport found, string text)
        {
            if (found == report)
            {
                called++;
                throw new InvalidOperationException(text);
            }
        }
    }

    [Fact]
    public void A_handler_that_throws_loses_nothing_of_a_shrinker()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(256);
        var shrinker = new TestShrinker { OnCount = () => throw new FormatException("shrinker") };
        runtime.Shrinkers.Register(shrinker);
        runtime.Shrinkers.ShrinkerFailed += (_, _) => throw new TimeoutException("handler");
        Exception first = Assert.ThrowsAny<Exception>(() => runtime.Shrinkers.Shrink(GfpFlags.Kernel, 0, 0));
        runtime.Shrinkers.Unregister(shrinker);
        Exception second = Assert.ThrowsAny<Exception>(() => runtime.Shrinkers.Shrink(GfpFlags.Kernel, 0, 0));
        Assert.Equal(("shrinker", "handler"), (first.Message, second.Message));
    }

    [Fact]
    public void Shrink_of_a_runtime_tells_the_errors_of_every_cache_one_call_after_the_other()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(256);
        WithBadPointer(runtime, "a");
        WithBadPointer(runtime, "b");
        string[] told = [.. Enumerable.Range(0, 4).Select(_ => Assert.ThrowsAny<Exception>(() => runtime.Shrink()).GetType().Name)];
        Assert.Equal(["FormatException", "FormatException", "SlabException", "SlabException"], told.Order());
        runtime.Shrink();
    }

    [Fact]
    public void Destroy_tells_all_of_them_for_no_call_comes_later()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(256);
        KmemCache cache = WithBadPointer(runtime, "o");
        AggregateException all = Assert.Throws<AggregateException>(() => cache.Destroy());
        Assert.Equal([typeof(SlabException), typeof(FormatException)], all.InnerExceptions.Select(e => e.GetType()));
        Assert.True(cache.Leak!.IsClean);
    }

    [Fact]
    public void Dispose_tells_those_of_every_cache()
    {
        SlabRuntime runtime = TestRuntime.OfPages(256);
        WithBadPointer(runtime, "a");
        WithBadPointer(runtime, "b");
        AggregateException all = Assert.Throws<AggregateException>(runtime.Dispose);
        Assert.Equal(
            ["FormatException", "SlabException", "SlabException"],
            all.InnerExceptions.Select(e => e.GetType().Name).Order()); // the two destructors say the same
        Assert.True(runtime.Pages.IsUnmapped);
    }

    [Fact]
    public void Consolidate_keeps_what_the_callback_threw_beside_a_bad_pointer()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(1024);
        KmemCache cache = runtime.CreateCache("o", 64);
        var objects = new MovableObjects(cache);
        objects.MakeSparse(count: 1000, oneIn: 64);
        objects.Reply = _ => throw new TimeoutException("callback");
        nint twice = cache.Alloc();
        cache.Free(twice);
        cache.Free(twice);
        Assert.Throws<SlabException>(() => cache.Consolidate());
        objects.Reply = _ => SlabMoveReply.Yes;
        Assert.Equal("callback", Assert.Throws<TimeoutException>(() => cache.Consolidate()).Message);
        cache.Consolidate();
        objects.FreeAll();
    }

    [Fact]
    public void Taking_home_at_a_limit_keeps_both_for_the_next_calls()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(256);
        KmemCache cache = WithBadPointer(runtime, "o");
        ((IAccountMember)cache).TakeHome();
        Assert.Throws<SlabException>(() => cache.Alloc());
        Assert.Throws<FormatException>(() => cache.Alloc());
        cache.Free(cache.Alloc());
        Assert.Throws<FormatException>(() => cache.Shrink());
    }

    [Fact]
    public void Consolidate_keeps_what_a_destructor_threw_beside_a_bad_pointer()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(256);
        KmemCache cache = WithBadPointer(runtime, "o");
        cache.SetMove((_, _) => SlabMoveReply.No);
        Assert.Throws<SlabException>(() => cache.Consolidate());
        Assert.Throws<FormatException>(() => cache.Consolidate());
        cache.Consolidate();
    }

    [Fact]
    public void Asking_whether_anything_is_live_keeps_both_for_the_next_calls()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(256);
        KmemCache cache = WithBadPointer(runtime, "o");
        Assert.True(cache.HasNothingLive());
        Assert.Throws<SlabException>(() => cache.Shrink());
        Assert.Throws<FormatException>(() => cache.Shrink());
        cache.Shrink();
    }

    [Fact]
    public void Reset_keeps_what_a_destructor_threw_beside_a_bad_pointer()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(256);
        KmemCache cache = WithBadPointer(runtime, "o");
        Assert.Throws<SlabException>(() => cache.Reset());
        Assert.Throws<FormatException>(() => cache.Shrink());
        cache.Shrink();
    }

    [Fact]
    public void What_a_dead_thread_left_keeps_both_for_the_next_calls()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(256);
        KmemCache? cache = null;
        var thread = new Thread(() => cache = WithBadPointer(runtime, "o"));
        thread.Start();
        thread.Join();
        string[] told = [.. Enumerable.Range(0, 2).Select(_ => Assert.ThrowsAny<Exception>(() => cache!.Shrink()).GetType().Name)];
        Assert.Equal(["FormatException", "SlabException"], told.Order()); // which is first depends on whether its finalizer ran
        cache!.Shrink();
    }

    [Fact]
    public void Relief_keeps_what_destructors_of_two_caches_threw()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(256);
        KmemCache cache = WithBadPointer(runtime, "a"), other = runtime.CreateCache<long, OtherDestructor>("b");
        other.Free(other.Alloc());
        runtime.Reclaim.Relieve(priority: 0);
        Assert.Throws<SlabException>(() => cache.Shrink());
        Assert.Throws<FormatException>(() => cache.Shrink());
        cache.Shrink();
        Assert.Throws<NotSupportedException>(() => other.Shrink());
    }

    [Fact]
    public void Direct_reclaim_keeps_what_destructors_of_two_caches_threw()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(256);
        KmemCache cache = WithBadPointer(runtime, "a"), other = runtime.CreateCache<long, OtherDestructor>("b");
        other.Free(other.Alloc());
        runtime.Reclaim.Reclaim(GfpFlags.Kernel, pages: 1);
        Assert.Throws<SlabException>(() => cache.Shrink());
        Assert.Throws<FormatException>(() => cache.Shrink());
        cache.Shrink();
        Assert.Throws<NotSupportedException>(() => other.Shrink());
    }

    [Fact]
    public void Reaping_keeps_what_destructors_of_two_caches_threw()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(256);
        KmemCache cache = WithBadPointer(runtime, "a"), other = runtime.CreateCache<long, OtherDestructor>("b");
        other.Free(other.Alloc());
        for (int i = 0; i < 4; i++)
        {
            runtime.Reclaim.Reap(); // until all of it lay idle
        }

        Assert.Throws<SlabException>(() => cache.Shrink());
        Assert.Throws<FormatException>(() => cache.Shrink());
        cache.Shrink();
        Assert.Throws<NotSupportedException>(() => other.Shrink());
    }

    [Fact]
    public void Two_shrinkers_that_throw_are_both_heard()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(64);
        var shrinkers = new List<Shrinker>();
        foreach (string name in (string[])["one", "two"])
        {
            var shrinker = new Reclaim.TestShrinker(name) { Freeable = 1000 };
            shrinker.OnScan = (ref ShrinkControl control) => throw new FormatException(name);
            runtime.Shrinkers.Register(shrinker);
            shrinkers.Add(shrinker);
        }

        Assert.Equal("one", Assert.Throws<FormatException>(Pass).Message);
        shrinkers.ForEach(shrinker => runtime.Shrinkers.Unregister(shrinker));
        Assert.Equal("two", Assert.Throws<FormatException>(Pass).Message);
        Pass();

        void Pass() => runtime.Shrinkers.Shrink(GfpFlags.Kernel, node: 0, priority: 0);
    }

    [Fact]
    public void So_many_are_kept_and_how_many_were_lost_is_told()
    {
        var pending = new PendingErrors();
        for (int i = 0; i < PendingErrors.Most + 3; i++)
        {
            pending.Add(new FormatException($"{i}"));
            pending.Add(new FormatException($"{Math.Min(i, 5)}")); // one that waits already
        }

        for (int i = 0; i < PendingErrors.Most; i++)
        {
            Assert.Equal($"{i}", Assert.Throws<FormatException>(pending.Throw).Message);
        }

        Assert.StartsWith("3 more errors", Assert.Throws<InvalidOperationException>(pending.Throw).Message, StringComparison.Ordinal);
        Assert.False(pending.Any);
        pending.Throw();
    }

    /// <summary>A cache whose destructor throws, with one object that was freed twice and lies in a magazine.</summary>
    private static KmemCache WithBadPointer(SlabRuntime runtime, string name)
    {
        KmemCache cache = runtime.CreateCache<long, Destructor>(name);
        nint twice = cache.Alloc();
        cache.Free(twice);
        cache.Free(twice);
        return cache;
    }

    private readonly struct Destructor : ISlabLife<long>
    {
        public static bool Construct(ref long value) => true;

        public static void Destruct(ref long value) => throw new FormatException("destructor");
    }

    private readonly struct OtherDestructor : ISlabLife<long>
    {
        public static bool Construct(ref long value) => true;

        public static void Destruct(ref long value) => throw new NotSupportedException("the other's");
    }
}
