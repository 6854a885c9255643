using System.Collections.Concurrent;

namespace SlabGen.Tests;

/// <summary>A thread inside a section, which does what it is told there.</summary>
internal sealed class RcuReaderThread : IDisposable
{
    private readonly BlockingCollection<Action> _work = [];
    private readonly Thread _thread;

    public RcuReaderThread()
    {
        using var entered = new ManualResetEventSlim();
        _thread = new Thread(() =>
        {
            using (Rcu.Read())
            {
                entered.Set();
                foreach (Action action in _work.GetConsumingEnumerable())
                {
                    action();
                }
            }
        }) { IsBackground = true };
        _thread.Start();
        entered.Wait();
    }

    public void Run(Action action)
    {
        using var done = new ManualResetEventSlim();
        _work.Add(() =>
        {
            action();
            done.Set();
        });
        done.Wait();
    }

    public void Leave()
    {
        _work.CompleteAdding();
        _thread.Join();
    }

    public void Dispose()
    {
        Leave();
        _work.Dispose();
    }
}
