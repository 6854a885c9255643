namespace SlabGen.Tests;

/// <summary>A callback that does what it must not stops nobody else.</summary>
[Collection("Rcu")]
public sealed class RcuCallbackMisuseTests
{
    [Fact]
    public void A_handler_that_throws_loses_nothing_of_a_callback()
    {
        Action<Exception> handler = _ => throw new TimeoutException("handler");
        Rcu.CallbackFailed += handler;
        try
        {
            Rcu.Call(() => throw new FormatException("callback"));
            AggregateException all = Assert.Throws<AggregateException>(Rcu.Barrier);
            Assert.Equal(["callback", "handler"], all.InnerExceptions.Select(error => error.Message));
        }
        finally
        {
            Rcu.CallbackFailed -= handler;
        }
    }

    [Fact]
    public void ACallback_ThatLeavesASectionOpen_OrInterruptsItsThread_StopsNothing()
    {
        var failures = new List<Exception>();
        void Collect(Exception failure)
        {
            lock (failures)
            {
                failures.Add(failure);
            }
        }

        Rcu.CallbackFailed += Collect;
        try
        {
            bool ran = false;
            Rcu.Call(() => Rcu.Read());
            Rcu.Call(static () => Thread.CurrentThread.Interrupt());
            Rcu.Barrier();
            Rcu.Call(() => Volatile.Write(ref ran, true));
            Rcu.Barrier();
            Assert.True(ran);
            Rcu.Synchronize();
            lock (failures)
            {
                Assert.Contains("section open", Assert.Single(failures).Message, StringComparison.Ordinal);
            }
        }
        finally
        {
            Rcu.CallbackFailed -= Collect;
        }
    }
}
