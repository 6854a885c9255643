using SlabGen.Caches;
using SlabGen.Memory;
using SlabGen.Slabs;
using SlabGen.Tests.Reclaim;

namespace SlabGen.Tests;

/// <summary>The end of a runtime tells all errors that nobody was told, its own too, and waits for nobody who waits for it.</summary>
public sealed class RuntimeEndErrorsTests
{
    [Fact]
    public void A_shrinker_of_the_background_that_closes_the_runtime_while_it_ends_gets_an_error()
    {
        SlabRuntime runtime = TestRuntime.OfPages(64);
        KmemCache cache = runtime.CreateCache("o", 64);
        cache.Free(cache.Alloc()); // the runtime holds memory
        using var called = new ManualResetEventSlim();
        using var ending = new ManualResetEventSlim();
        Exception? refused = null, disposedAgain = null;
        var shrinker = new TestShrinker
        {
            OnCount = () =>
            {
                if (!called.IsSet)
                {
                    called.Set();
                    ending.Wait();
                    disposedAgain = Record.Exception(runtime.Dispose);
                    refused = Record.Exception(runtime.Close);
                }
            },
        };
        runtime.Shrinkers.Register(shrinker);
        runtime.Background.Tell(isShort: true);
        called.Wait(TestContext.Current.CancellationToken);
        var disposes = new Thread(runtime.Dispose) { IsBackground = true };
        disposes.Start();
        while (!runtime.Background.Worker.IsStopped)
        {
            Thread.Sleep(1);
        }

        ending.Set();
        Assert.True(disposes.Join(TimeSpan.FromMinutes(1)), "they wait for each other");
        Assert.Contains("shrinker", Assert.IsType<InvalidOperationException>(refused).Message, StringComparison.Ordinal);
        Assert.Null(disposedAgain);
        Assert.True(runtime.Report!.IsClean);
        runtime.Close();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_waits_to_be_told_is_told_by_Shrink_or_by_the_end(bool ofShrinkers)
    {
        using (SlabRuntime lives = TestRuntime.OfPages(64))
        {
            Fail(lives, "one");
            Assert.Equal("one", Assert.Throws<FormatException>(() => lives.Shrink()).Message);
            lives.Shrink(); // once
        }

        SlabRuntime runtime = TestRuntime.OfPages(64);
        Fail(runtime, "one");
        Fail(runtime, "two");
        AggregateException all = Assert.Throws<AggregateException>(runtime.Close);
        Assert.Equal(["one", "two"], all.InnerExceptions.Select(error => error.Message));
        Assert.Equal((false, false), (runtime.Report!.IsClean, runtime.Report.HasLeaks));
        Assert.True(runtime.Pages.IsUnmapped);

        void Fail(SlabRuntime runtime, string message)
        {
            if (ofShrinkers)
            {
                runtime.Shrinkers.Failures.Add(new FormatException(message));
            }
            else
            {
                runtime.Background.FailLater(new FormatException(message));
            }
        }
    }

    [Fact]
    public void What_was_found_in_a_cache_after_its_end_is_told_too()
    {
        SlabRuntime runtime = TestRuntime.OfPages(64);
        KmemCache cache = runtime.CreateCache("remains", 64);
        cache.Alloc();
        Assert.False(cache.Destroy().IsClean);
        cache.Magazines.ThrowLater(new FormatException("late")); // as the finalizer of a thread cache does
        Assert.Equal("late", Assert.Throws<FormatException>(() => runtime.Shrink()).Message);
        cache.Magazines.ThrowLater(new FormatException("later"));
        InvalidOperationException leaks = Assert.Throws<InvalidOperationException>(runtime.Close);
        Assert.Equal("later", Assert.IsType<FormatException>(leaks.InnerException).Message);
    }

    [Fact]
    public void All_that_the_background_of_Rcu_met_is_told_by_the_barrier()
    {
        var background = new RcuThread(GracePeriods.OfProcess);
        background.Attend(new Failing("one"), hurry: false);
        background.Attend(new Failing("two"), hurry: true);
        AggregateException all = Assert.Throws<AggregateException>(background.Barrier);
        Assert.Equal(["one", "two"], all.InnerExceptions.Select(error => error.Message).Order());
        background.Barrier();
    }

    [Fact]
    public void An_end_that_fails_reports_no_clean_one()
    {
        var memory = new KeptMemory();
        SlabRuntime runtime = TestRuntime.OfPages(64, memory: memory);
        KmemCache cache = runtime.CreateCache("o", 64);
        cache.Free(cache.Alloc());
        Assert.Throws<IOException>(runtime.Dispose);
        Assert.IsType<IOException>(runtime.Report!.Error);
        Assert.False(runtime.Report.IsClean);
        Assert.Throws<IOException>(runtime.Close);
        Assert.True(memory.Kept != 0);
        OsMemory.Current.Unmap(memory.Kept, memory.Bytes);
    }

    [Theory]
    [InlineData(SlabZeroing.None)]
    [InlineData(SlabZeroing.OnAlloc)]
    public void A_cache_that_is_not_made_keeps_no_index(SlabZeroing zeroing)
    {
        using SlabRuntime runtime = TestRuntime.OfPages(64);
        SlabRuntime ended = TestRuntime.OfPages(64);
        ended.Dispose();
        var options = new SlabCacheOptions { Zeroing = zeroing };
        var layout = SlabLayout.Of("o", 64, options, 1);
        int highest = 0;
        for (int i = 0; i < 2000; i++)
        {
            Assert.Throws<ObjectDisposedException>(() => ended.CreateCache("o", 64, options));
            Assert.Throws<NullReferenceException>(() => new KmemCache("o", layout, options, false, null, runtime.Pages, null!, new CacheTable()));
            int id = CacheTable.TakeId();
            highest = Math.Max(highest, id);
            CacheTable.ReturnId(id);
        }

        Assert.InRange(highest, 1, 2000); // of the tests that run beside this one
    }

    private sealed class Failing(string message) : IDeferred
    {
        private bool _failed;

        public bool IsAttended { get; set; }

        public bool Waits => !_failed;

        public void Advance()
        {
            if (!_failed)
            {
                _failed = true;
                throw new FormatException(message);
            }
        }
    }

    private sealed class KeptMemory() : TestRuntime.DecoratedMemory(OsMemory.Current)
    {
        public nint Kept { get; private set; }

        public long Bytes { get; private set; }

        public override void Unmap(nint address, long bytes)
        {
            (Kept, Bytes) = (address, bytes);
            throw new IOException("not released");
        }
    }
}
