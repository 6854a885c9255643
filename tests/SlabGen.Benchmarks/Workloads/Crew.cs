namespace SlabGen.Benchmarks.Workloads;

/// <summary>Threads that do their part of every call and sleep in between.</summary>
internal sealed class Crew : IDisposable
{
    private readonly Thread[] _threads;
    private readonly SemaphoreSlim[] _go; // one for each: a quick thread must not take the start of another
    private int _working;
    private volatile bool _end;

    /// <param name="work">What the thread of an index does in a call.</param>
    public Crew(int count, Action<int> work)
    {
        _go = new SemaphoreSlim[count];
        _threads = new Thread[count];
        for (int i = 0; i < count; i++)
        {
            int index = i;
            _go[i] = new SemaphoreSlim(0);
            _threads[i] = new Thread(() => Run(index, work)) { IsBackground = true };
            _threads[i].Start();
        }
    }

    public void Start()
    {
        Volatile.Write(ref _working, _threads.Length);
        foreach (SemaphoreSlim go in _go)
        {
            go.Release();
        }
    }

    /// <summary>Waits until all have done their part. Spins: the end of the work is near when it is called.</summary>
    public void Wait()
    {
        var spin = default(SpinWait);
        while (Volatile.Read(ref _working) != 0)
        {
            spin.SpinOnce(sleep1Threshold: -1);
        }
    }

    public void Dispose()
    {
        _end = true;
        for (int i = 0; i < _threads.Length; i++)
        {
            _go[i].Release();
            _threads[i].Join();
            _go[i].Dispose();
        }
    }

    private void Run(int index, Action<int> work)
    {
        for (_go[index].Wait(); !_end; _go[index].Wait())
        {
            work(index);
            Interlocked.Decrement(ref _working);
        }
    }
}
