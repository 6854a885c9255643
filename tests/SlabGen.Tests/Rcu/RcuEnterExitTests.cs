namespace SlabGen.Tests;

/// <summary>A read-side section in two calls: as a scope's, and balanced by each thread for itself.</summary>
public sealed class RcuEnterExitTests
{
    [Fact]
    public void Sections_nest_with_each_other_and_with_scopes()
    {
        Rcu.Enter();
        using (Rcu.Read())
        {
            Rcu.Enter();
            Assert.True(Rcu.IsReading);
            Rcu.Exit();
        }

        Assert.True(Rcu.IsReading);
        Assert.Throws<InvalidOperationException>(Rcu.Synchronize);
        Rcu.Exit();
        Assert.False(Rcu.IsReading);
        Assert.Throws<InvalidOperationException>(Rcu.Exit);
    }

    [Fact]
    public void Another_thread_cannot_end_it_and_a_grace_period_waits_for_it()
    {
        Rcu.Enter();
        Exception? elsewhere = null;
        var passed = new ManualResetEventSlim();
        var thread = new Thread(() =>
        {
            elsewhere = Record.Exception(Rcu.Exit);
            Rcu.Synchronize();
            passed.Set();
        });
        thread.Start();
        Assert.False(passed.Wait(100, TestContext.Current.CancellationToken));
        Rcu.Exit();
        thread.Join();
        Assert.IsType<InvalidOperationException>(elsewhere);
        Assert.True(passed.IsSet);
    }
}
