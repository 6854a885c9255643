namespace SlabGen.Tests.Caches;

/// <summary>A thread that took and freed an object, and runs managed code from then on, until it is told to wait.</summary>
internal sealed class AtWork : IDisposable
{
    private readonly ManualResetEventSlim _ready = new();
    private readonly ManualResetEvent _end = new(false);
    private readonly Thread _thread;
    private volatile bool _rests;

    public AtWork(KmemCache cache)
    {
        _thread = new Thread(() =>
        {
            cache.Free(cache.Alloc());
            _ready.Set();
            while (!_rests)
            {
                Thread.SpinWait(100);
            }

            _end.WaitOne();
        });
        _thread.Start();
        _ready.Wait();
    }

    public void Rest()
    {
        _rests = true;
        SpinWait.SpinUntil(() => (_thread.ThreadState & System.Threading.ThreadState.WaitSleepJoin) != 0);
    }

    public void Dispose()
    {
        _rests = true;
        _end.Set();
        _thread.Join();
        _end.Dispose();
        _ready.Dispose();
    }
}
