namespace SlabGen.Benchmarks.Latency;

/// <summary>What else goes on while allocations are timed, on a thread of its own until it is disposed of.</summary>
internal sealed class LatencyWorld : IDisposable
{
    private readonly Thread? _thread;
    private volatile bool _end;

    /// <param name="act">Done again and again; null for nothing.</param>
    public LatencyWorld(Action? act)
    {
        if (act is not null)
        {
            _thread = new Thread(() =>
            {
                while (!_end)
                {
                    act();
                }
            }) { IsBackground = true };
            _thread.Start();
        }
    }

    public void Dispose()
    {
        _end = true;
        _thread?.Join();
    }
}
