namespace SlabGen.Tests;

/// <summary>A section that is left open holds up Dispose, and the thread that left it is named.</summary>
public sealed class RcuStallTests
{
    [Fact]
    public void An_open_section_that_holds_up_a_Dispose_is_named_and_the_Dispose_ends_when_it_is_left()
    {
        TimeSpan usual = GracePeriods.StallAfter;
        GracePeriods.StallAfter = TimeSpan.FromMilliseconds(50);
        using var told = new ManualResetEventSlim();
        RcuStall? stall = null;
        Action? end = null;
        Exception? refused = null;
        Thread? disposes = null;
        Rcu.Stalled += Take;
        try
        {
            using var left = new ManualResetEventSlim();
            using var entered = new ManualResetEventSlim();
            var reader = new Thread(() =>
            {
                RcuReadScope section = Rcu.Read(); // and no using
                entered.Set();
                left.Wait();
                section.Dispose();
            }) { Name = "the reader" };
            reader.Start();
            entered.Wait(TestContext.Current.CancellationToken);
            Assert.Contains(reader, Rcu.Readers);

            SlabRuntime runtime = TestRuntime.OfPages(64);
            KmemCache cache = runtime.CreateCache("o", 64);
            cache.FreeDeferred(cache.Alloc());
            end = runtime.Close;
            disposes = new Thread(runtime.Dispose) { IsBackground = true };
            disposes.Start();
            Assert.True(told.Wait(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken));
            Assert.Contains(reader, stall!.Readers);
            Assert.Contains($"{reader.ManagedThreadId} ('the reader')", stall.ToString(), StringComparison.Ordinal);
            Assert.True(stall.Waited >= GracePeriods.StallAfter);
            Assert.False(runtime.Pages.IsUnmapped);

            left.Set();
            reader.Join();
            Assert.True(disposes.Join(TimeSpan.FromMinutes(1)), "a handler that closes what waits for it hangs");
            Assert.Contains("a handler", Assert.IsType<InvalidOperationException>(refused).Message, StringComparison.Ordinal);
            Assert.True(runtime.Pages.IsUnmapped);
            Assert.DoesNotContain(reader, Rcu.Readers);
        }
        finally
        {
            Rcu.Stalled -= Take;
            GracePeriods.StallAfter = usual;
        }

        void Take(RcuStall now)
        {
            if (Thread.CurrentThread == Volatile.Read(ref disposes)) // not the background, nor another test
            {
                stall = now;
                refused = Record.Exception(end!); // what waits for this thread
                told.Set();
            }
        }
    }
}
