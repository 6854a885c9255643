using System.Collections.Concurrent;
using System.Globalization;

namespace SlabGen.Tests.Concurrency;

/// <summary>Threads of a test: what one of them throws fails the test instead of the process, and none outlives it.</summary>
internal sealed class TestThreads
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly ConcurrentQueue<Exception> _errors = new();
    private readonly ConcurrentBag<Thread> _threads = [];
    private int _running;

    /// <summary>How long a stress test runs: 4 s, or what <c>SLABGEN_STRESS_SECONDS</c> says.</summary>
    public static TimeSpan StressTime { get; } = TimeSpan.FromSeconds(
        double.TryParse(Environment.GetEnvironmentVariable("SLABGEN_STRESS_SECONDS"), NumberStyles.Float, CultureInfo.InvariantCulture, out double seconds) ? seconds : 4);

    /// <summary>Whether a thread has failed: the others should stop.</summary>
    public bool HasFailed => !_errors.IsEmpty;

    public Thread Start(Action body)
    {
        var thread = new Thread(() =>
        {
            try
            {
                body();
            }
            catch (Exception error)
            {
                _errors.Enqueue(error);
            }
            finally
            {
                Interlocked.Decrement(ref _running);
            }
        })
        { IsBackground = true };
        Interlocked.Increment(ref _running); // a thread that starts another one is counted until after that
        thread.Start();
        _threads.Add(thread);
        return thread;
    }

    /// <summary>Waits for a condition; fails when it does not come true.</summary>
    public void WaitUntil(Func<bool> condition, string what)
    {
        long deadline = Environment.TickCount64 + (long)(s_patience + StressTime).TotalMilliseconds;
        while (!condition())
        {
            Assert.True(_errors.IsEmpty, string.Join(Environment.NewLine, _errors)); // the others may wait for the one that failed
            Assert.True(Environment.TickCount64 < deadline, $"Waited in vain, is it a deadlock? {what}");
            Thread.Sleep(1);
        }
    }

    /// <summary>Waits for all threads. A thread that does not end is a deadlock.</summary>
    public void Join()
    {
        WaitUntil(() => Volatile.Read(ref _running) == 0, $"the end of {_running} threads");
        foreach (Thread thread in _threads)
        {
            thread.Join();
        }

        Assert.True(_errors.IsEmpty, string.Join(Environment.NewLine, _errors));
    }

    /// <summary>Runs a body on so many threads at once, each with its number, and waits for them.</summary>
    public static void Run(int count, Action<int> body)
    {
        var threads = new TestThreads();
        using var start = new Barrier(count);
        for (int i = 0; i < count; i++)
        {
            int number = i;
            threads.Start(() =>
            {
                start.SignalAndWait();
                body(number);
            });
        }

        threads.Join();
    }
}
