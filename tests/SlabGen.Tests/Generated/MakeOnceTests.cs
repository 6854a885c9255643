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
        int calls = 0;
        KmemCache Make() => ++calls < 3 ? throw new OutOfMemoryException($"{calls}") : runtime.CreateCache("o", 64);
        Assert.Equal("1", Assert.Throws<OutOfMemoryException>(() => SlabRuntime.MakeOnce(ref place, Make)).Message);
        Assert.Null(place);
        Assert.Equal("2", Assert.Throws<OutOfMemoryException>(() => SlabRuntime.MakeOnce(ref place, Make)).Message);
        KmemCache made = SlabRuntime.MakeOnce(ref place, Make);
        Assert.Same(made, place);
        Assert.Same(made, SlabRuntime.MakeOnce(ref place, Make));
        Assert.Equal(3, calls);
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
            seen[number] = SlabRuntime.MakeOnce(ref place, () => runtime.CreateCache("o", 64));
        });
        Assert.All(seen, cache => Assert.Same(place, cache));
        Assert.Equal([place!], runtime.Caches);
    }
}
