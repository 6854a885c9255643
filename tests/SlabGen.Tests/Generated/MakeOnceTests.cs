using SlabGen.CompilerServices;
using SlabGen.Tests.Concurrency;

namespace SlabGen.Tests.Generated;

/// <summary>How generated classes make their caches: what fails is tried again, and of many made at once one stays.</summary>
public sealed class MakeOnceTests
{
    [Fact]
    public void A_failure_is_not_final()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(64);
        KmemCache? place = null;
        KmemCache Use(int size) => place ?? GeneratedCache.Make(ref place, runtime, typeof(long), size, "o", new SlabCacheOptions()); // as generated code does
        for (int i = 0; i < 2; i++)
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => Use(0));
            Assert.Null(place);
        }

        KmemCache made = Use(64);
        Assert.Same(made, place);
        Assert.Same(made, Use(64));
        Assert.Equal([made], runtime.Caches);
    }

    [Fact]
    public void Of_many_made_at_once_one_stays_also_inside_a_read_side_section()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(64);
        KmemCache? place = null;
        KmemCache[] seen = new KmemCache[8];
        TestThreads.Run(seen.Length, number =>
        {
            using RcuReadScope reading = Rcu.Read();
            seen[number] = GeneratedCache.Make(ref place, runtime, typeof(long), 64, "o", new SlabCacheOptions());
        });
        Assert.All(seen, cache => Assert.Same(place, cache));
        Assert.Equal([place!], runtime.Caches);
    }

    [Fact]
    public void The_cache_of_a_class_with_handles_cannot_be_told_to_move_its_objects()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(64);
        KmemCache? place = null;
        KmemCache made = GeneratedCache.Make(ref place, runtime, typeof(long), 64, "o", new SlabCacheOptions(), handles: true);
        Assert.Throws<InvalidOperationException>(() => made.SetMove(static (_, _) => SlabMoveReply.No));
    }

    [Fact]
    public void A_hook_that_takes_the_runtime_away_is_told()
    {
        KmemCache? place = null;
        Assert.Equal("runtime", Assert.Throws<ArgumentNullException>(() => GeneratedCache.Make(ref place, null!, typeof(long), 8, "o", new SlabCacheOptions())).ParamName);
    }
}
