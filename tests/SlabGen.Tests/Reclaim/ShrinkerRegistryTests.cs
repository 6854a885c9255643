namespace SlabGen.Tests.Reclaim;

/// <summary>Who is called, in which order, and what happens to a shrinker that misbehaves.</summary>
public sealed class ShrinkerRegistryTests
{
    private readonly ShrinkerRegistry _registry = new();

    [Fact]
    public void APass_CallsAll_InOrder_AndAddsUp()
    {
        var calls = new List<string>();
        TestShrinker[] shrinkers = [.. "abc".Select(name => new TestShrinker($"{name}") { Freeable = 64, OnCount = () => calls.Add($"{name}") })];
        Array.ForEach(shrinkers, _registry.Register);
        Assert.Equal(shrinkers, _registry.All);

        Assert.Equal(3 * 128, _registry.Shrink(GfpFlags.Kernel, 0, 0));
        Assert.True(_registry.Unregister(shrinkers[1]));
        Assert.Equal(2 * 128, _registry.Shrink(GfpFlags.Kernel, 0, 0));
        Assert.Equal(["a", "b", "c", "a", "c"], calls);
        Assert.Equal([shrinkers[0], shrinkers[2]], _registry.All);
    }

    [Fact]
    public void Registration_IsOnce_InOneRegistry()
    {
        var shrinker = new TestShrinker("mine");
        var other = new ShrinkerRegistry();
        _registry.Register(shrinker);
        var error = Assert.Throws<InvalidOperationException>(() => _registry.Register(shrinker));
        Assert.Contains("'mine'", error.Message, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => other.Register(shrinker));
        Assert.False(other.Unregister(shrinker));
        Assert.Equal([shrinker], _registry.All);

        Assert.True(_registry.Unregister(shrinker));
        Assert.False(_registry.Unregister(shrinker));
        other.Register(shrinker);
        Assert.Empty(_registry.All);
        Assert.Equal([shrinker], other.All);
    }

    [Fact]
    public void DeferredWork_EndsWithTheRegistration()
    {
        var shrinker = new TestShrinker { Freeable = 1_000_000 };
        _registry.Register(shrinker);
        _registry.Shrink(GfpFlags.Kernel, 0, 12);
        Assert.Equal(104, shrinker.Deferred());
        _registry.Unregister(shrinker);
        _registry.Register(shrinker);
        Assert.Equal(0, shrinker.Deferred());
    }

    [Fact]
    public void BadArguments_NameValueAndLimit()
    {
        Assert.Throws<ArgumentNullException>(() => new TestShrinker(null!));
        Assert.All(["", " ", "two words", "tab\tbed", "nul\0"], name => Assert.Throws<ArgumentException>(() => new TestShrinker(name)));
        var seeks = Assert.Throws<ArgumentOutOfRangeException>(() => new TestShrinker("mine", seeks: -3));
        Assert.Equal(-3, seeks.ActualValue);
        Assert.Contains("'mine': Seeks must be at least 0", seeks.Message, StringComparison.Ordinal);
        var batch = Assert.Throws<ArgumentOutOfRangeException>(() => new TestShrinker("mine", batch: 0));
        Assert.Equal(0L, batch.ActualValue);
        Assert.Contains("'mine': Batch must be at least 1", batch.Message, StringComparison.Ordinal);

        Assert.Throws<ArgumentNullException>(() => _registry.Register(null!));
        Assert.Throws<ArgumentNullException>(() => _registry.Unregister(null!));
        Assert.Throws<ArgumentOutOfRangeException>(() => _registry.Shrink(GfpFlags.Kernel, -1, 12));
        Assert.Throws<ArgumentOutOfRangeException>(() => _registry.Shrink(GfpFlags.Kernel, 0, -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => _registry.Shrink(GfpFlags.Kernel, 0, 13));
    }

    [Fact]
    public void APassInsideAPass_DoesNothing_OfAnyRegistry()
    {
        var other = new ShrinkerRegistry();
        var outer = new TestShrinker { Freeable = 64 };
        var elsewhere = new TestShrinker { Freeable = 64 };
        _registry.Register(outer);
        other.Register(elsewhere);
        long nested = -1;
        outer.OnScan = (ref ShrinkControl control) =>
        {
            nested = _registry.Shrink(GfpFlags.Kernel, 0, 0) + other.Shrink(GfpFlags.Kernel, 0, 0);
            return 7;
        };

        Assert.Equal(7, _registry.Shrink(GfpFlags.Kernel, 0, 0));
        Assert.Equal(0, nested);
        Assert.Single(outer.Scans);
        Assert.Empty(elsewhere.Scans);
        Assert.Equal(128, other.Shrink(GfpFlags.Kernel, 0, 0)); // the thread is out of the pass
    }

    [Fact]
    public void Unregistering_InsideACall_DoesNotWait_AndIsSeenByTheSamePass()
    {
        var self = new TestShrinker("self") { Freeable = 300 };
        var next = new TestShrinker("next") { Freeable = 300 };
        _registry.Register(self);
        _registry.Register(next);
        self.OnCount = () =>
        {
            Assert.True(_registry.Unregister(self));
            Assert.True(_registry.Unregister(next));
        };

        Assert.Equal(512, _registry.Shrink(GfpFlags.Kernel, 0, 0)); // its own round goes on: 600 = 4 * 128 + 88
        Assert.Empty(next.Scans);
        Assert.Empty(_registry.All);
        Assert.Equal(0, _registry.Shrink(GfpFlags.Kernel, 0, 0));
    }

    [Fact]
    public void Registering_InsideACall_CountsFromTheNextPass()
    {
        var late = new TestShrinker("late") { Freeable = 64 };
        var first = new TestShrinker("first");
        first.OnCount = () =>
        {
            if (_registry.All.Count == 1)
            {
                _registry.Register(late);
            }
        };
        _registry.Register(first);
        Assert.Equal(0, _registry.Shrink(GfpFlags.Kernel, 0, 0));
        Assert.Equal(128, _registry.Shrink(GfpFlags.Kernel, 0, 0));
    }

    [Fact]
    public void WithoutAHandler_TheFirstFailure_IsThrownAfterThePass()
    {
        var failing = new TestShrinker("failing") { Freeable = 1_000_000 };
        failing.OnScan = (ref ShrinkControl control) => failing.Scans.Count == 2 ? throw new TimeoutException("first") : control.ToScan;
        var failingToo = new TestShrinker("failingToo") { OnCount = () => throw new NotSupportedException("second") };
        var good = new TestShrinker("good") { Freeable = 64 };
        _registry.Register(failing);
        _registry.Register(failingToo);
        _registry.Register(good);

        Assert.Equal("first", Assert.Throws<TimeoutException>(() => _registry.Shrink(GfpFlags.Kernel, 0, 12)).Message);
        Assert.Equal(360, failing.Deferred()); // 488 - 128: as if it had stopped
        Assert.Throws<NotSupportedException>(() => _registry.Shrink(GfpFlags.Kernel, 0, 0));
        Assert.Single(good.Scans);

        // Nothing is stuck: the next pass runs, and the failed rounds are not waited for.
        Assert.True(_registry.Unregister(failing));
        Assert.True(_registry.Unregister(failingToo));
        Assert.Equal(128, _registry.Shrink(GfpFlags.Kernel, 0, 0));
    }

    [Fact]
    public void AHandler_GetsEveryFailure_AndThePassReturnsWhatWasFreed()
    {
        var failing = new TestShrinker("failing") { Freeable = 300 };
        failing.OnScan = (ref ShrinkControl control) => failing.Scans.Count == 2 ? throw new TimeoutException() : control.ToScan;
        var failingToo = new TestShrinker("failingToo") { OnCount = () => throw new NotSupportedException() };
        var failures = new List<(string, Type)>();
        _registry.Register(failing);
        _registry.Register(failingToo);
        _registry.ShrinkerFailed += (shrinker, failure) => failures.Add((shrinker.Name, failure.GetType()));

        Assert.Equal(128, _registry.Shrink(GfpFlags.Kernel, 0, 0));
        Assert.Equal([("failing", typeof(TimeoutException)), ("failingToo", typeof(NotSupportedException))], failures);

        _registry.ShrinkerFailed += (_, _) => throw new ArithmeticException("the handler's own");
        Assert.Throws<NotSupportedException>(() => _registry.Shrink(GfpFlags.Kernel, 0, 0)); // what it was told of is not lost
        Assert.Throws<ArithmeticException>(() => _registry.Shrink(GfpFlags.Kernel, 0, 0));
    }

    [Theory]
    [InlineData(-1, 0, 0, "CountObjects returned -1")]
    [InlineData(long.MinValue, 0, 0, "CountObjects returned -9223372036854775808")]
    [InlineData(64, -2, 0, "ScanObjects returned -2")]
    [InlineData(64, 5, -1, "Scanned to -1")]
    public void AnswersOutOfContract_AreFailures_ThatNameTheShrinker(long count, long result, long scanned, string what)
    {
        _registry.Register(new TestShrinker("wrong")
        {
            Freeable = count,
            OnScan = (ref ShrinkControl control) =>
            {
                control.Scanned = scanned;
                return result;
            },
        });
        var error = Assert.Throws<InvalidOperationException>(() => _registry.Shrink(GfpFlags.Kernel, 0, 0));
        Assert.Contains("'wrong'", error.Message, StringComparison.Ordinal);
        Assert.Contains(what, error.Message, StringComparison.Ordinal);
    }
}
