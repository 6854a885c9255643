namespace SlabGen.Tests;

/// <summary>A callback that does what it must not stops nobody else.</summary>
[Collection("Rcu")]
public sealed class RcuCallbackMisuseTests
{
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
