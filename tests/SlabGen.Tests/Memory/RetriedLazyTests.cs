using SlabGen.Memory;
using SlabGen.Tests.Concurrency;

namespace SlabGen.Tests.Memory;

/// <summary>If making the value fails, the next use tries again. Once made, it is never made again.</summary>
public sealed class RetriedLazyTests
{
    [Fact]
    public void A_failure_is_not_final()
    {
        int calls = 0;
        var lazy = new RetriedLazy<string>(() => ++calls < 3 ? throw new OutOfMemoryException($"{calls}") : "made");
        Assert.Equal("1", Assert.Throws<OutOfMemoryException>(() => lazy.Value).Message);
        Assert.Null(lazy.ValueIfMade);
        Assert.Equal("2", Assert.Throws<OutOfMemoryException>(() => lazy.Value).Message);
        Assert.Equal("made", lazy.Value);
        Assert.Equal("made", lazy.Value);
        Assert.Equal(3, calls);
    }

    [Fact]
    public void Many_threads_get_the_same_one()
    {
        int calls = 0;
        object?[] seen = new object?[8];
        var lazy = new RetriedLazy<object>(() =>
        {
            calls++;
            Thread.Sleep(10);
            return new object();
        });
        TestThreads.Run(seen.Length, number => seen[number] = lazy.Value);
        Assert.Equal(1, calls);
        Assert.All(seen, value => Assert.Same(lazy.Value, value));
    }
}
