using System.Runtime.ExceptionServices;

namespace SlabGen.TraceReplay;

/// <summary>One pass over a trace, run by every thread of it.</summary>
internal abstract class ReplayJob
{
    private volatile bool _stopped;

    /// <summary>Whether a thread failed. The others must not wait for it any longer.</summary>
    public bool Stopped => _stopped;

    public void Stop() => _stopped = true;

    /// <summary>The part of one thread.</summary>
    public abstract void Run(int thread);
}

/// <summary>
/// The threads of a trace: dedicated ones, which live through all passes like the threads of the program that was traced,
/// so that what an allocator keeps for a thread stays with it.
/// </summary>
internal sealed class ReplayThreads : IDisposable
{
    private readonly Thread[] _threads;

    // The workers and the caller meet here before a job and after it; that also publishes the fields below.
    private readonly Barrier _meeting;

    // Written by the caller before the first meeting. Null: the workers end.
    private ReplayJob? _job;

    // Written by the first worker that fails, read by the caller after the second meeting.
    private Exception? _failure;

    public ReplayThreads(int count)
    {
        _meeting = new Barrier(count + 1);
        _threads = new Thread[count];

        for (int i = 0; i < count; i++)
        {
            int thread = i;
            _threads[i] = new Thread(() => Work(thread)) { IsBackground = true, Name = $"trace thread {i}" };
            _threads[i].Start();
        }
    }

    /// <summary>Runs a job on all threads and waits for its end.</summary>
    /// <exception cref="OutOfMemoryException">A thread ran out of memory. What a thread throws first is thrown here.</exception>
    public void Run(ReplayJob job)
    {
        _job = job;
        _failure = null;
        _meeting.SignalAndWait();
        _meeting.SignalAndWait();

        if (_failure is not null)
        {
            ExceptionDispatchInfo.Throw(_failure);
        }
    }

    /// <summary>Waits until every thread sleeps: after a job a thread spins for some microseconds before it does.</summary>
    public void AwaitIdle()
    {
        foreach (Thread thread in _threads)
        {
            while ((thread.ThreadState & ThreadState.WaitSleepJoin) == 0)
            {
                Thread.Sleep(1);
            }
        }
    }

    public void Dispose()
    {
        _job = null;
        _meeting.SignalAndWait();

        foreach (Thread thread in _threads)
        {
            thread.Join();
        }

        _meeting.Dispose();
    }

    private void Work(int thread)
    {
        for (; ; )
        {
            _meeting.SignalAndWait();

            if (_job is not { } job)
            {
                return;
            }

            try
            {
                job.Run(thread);
            }
            catch (Exception exception)
            {
                // It goes on in the caller of Run.
                _ = Interlocked.CompareExchange(ref _failure, exception, null);
                job.Stop();
            }

            _meeting.SignalAndWait();
        }
    }
}
