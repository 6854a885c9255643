namespace SlabGen.Tests.Reclaim;

/// <summary>Shrinkers that do what they should not, called by allocations that need memory: each ends as it must, and nothing is lost.</summary>
public sealed class BadShrinkers : IDisposable
{
    private readonly SlabRuntime _runtime = TestRuntime.OfPages(64);
    private readonly KmemCache _cache;
    private readonly List<nint> _live = [];

    public BadShrinkers()
    {
        _runtime.EndBackground(); // it would call the shrinkers as well, at any time
        _cache = _runtime.CreateCache("full", 512);
        while (_cache.TryAlloc(out nint address))
        {
            _live.Add(address);
        }
    }

    public void Dispose()
    {
        TestRuntime.CheckHealth(_runtime);
        Assert.Equal(_live.Count, _cache.Snapshot().LiveObjects);
        _cache.FreeBulk([.. _live]);
        Assert.False(_cache.Shrink());
        _runtime.Dispose();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1_000_000)]
    public void OneThatSaysItFreed_AndFreedNothing_DoesNotKeepTheAllocationFromFailing(long count)
    {
        var liar = new TestShrinker("liar") { Freeable = count };
        _runtime.Shrinkers.Register(liar);
        var error = Assert.Throws<OutOfMemoryException>(() => _cache.Alloc());
        Assert.Contains("'full'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void OneThatSaysItHasNothing_IsNotAskedForIt()
    {
        var modest = new TestShrinker("modest") { Freeable = Shrinker.Empty };
        _runtime.Shrinkers.Register(modest);
        Assert.Throws<OutOfMemoryException>(() => _cache.Alloc());
        Assert.Empty(modest.Scans);
    }

    [Fact]
    public void OneThatAllocates_FindsNothing_AndIsNotCalledInsideItself()
    {
        int inside = 0, deepest = 0, allocated = 0;
        var greedy = new TestShrinker("greedy") { Freeable = 1000 };
        greedy.OnScan = (ref ShrinkControl control) =>
        {
            deepest = Math.Max(deepest, ++inside);
            allocated += _cache.TryAlloc(out _) ? 1 : 0;
            inside--;
            return Shrinker.Stop;
        };
        _runtime.Shrinkers.Register(greedy);
        Assert.False(_cache.TryAlloc(out _));
        Assert.Equal((1, 0), (deepest, allocated));
    }

    [Fact]
    public void OneThatFreesAndAllocates_LeavesWhatItDidNotTake()
    {
        var other = _runtime.CreateCache("other", 512);
        nint taken = 0;
        var greedy = new TestShrinker("greedy") { Freeable = 1000 };
        greedy.OnScan = (ref ShrinkControl control) =>
        {
            if (taken != 0)
            {
                return Shrinker.Stop;
            }

            for (int i = 0; i < 40; i++)
            {
                _cache.Free(_live[^1]);
                _live.RemoveAt(_live.Count - 1);
            }

            _cache.Shrink();
            Assert.True(other.TryAlloc(out taken));
            return 40;
        };
        _runtime.Shrinkers.Register(greedy);
        nint mine = _cache.Alloc();
        _live.Add(mine);
        other.Free(taken);
    }

    [Fact]
    public void OneThatThrows_IsHeard_AndTheNextAllocationGoesOn()
    {
        var thrower = new TestShrinker("thrower") { Freeable = 1000 };
        thrower.OnScan = (ref ShrinkControl control) => throw new FormatException("mine");
        _runtime.Shrinkers.Register(thrower);
        Assert.Equal("mine", Assert.Throws<FormatException>(() => _cache.Alloc()).Message);
        Assert.True(_runtime.Shrinkers.Unregister(thrower));
        Assert.False(_cache.TryAlloc(out _));
        _cache.Free(_live[0]);
        _live[0] = _cache.Alloc();
    }

    [Fact]
    public void OneThatIsRegisteredTwice_IsRefused_AndCalledOnce()
    {
        var twice = new TestShrinker("twice") { Freeable = 64 };
        _runtime.Shrinkers.Register(twice);
        var error = Assert.Throws<InvalidOperationException>(() => _runtime.Shrinkers.Register(twice));
        Assert.Contains("'twice'", error.Message, StringComparison.Ordinal);
        _runtime.Shrinkers.Shrink(GfpFlags.Kernel, node: 0, priority: 0);
        Assert.Single(twice.Scans);
    }
}
