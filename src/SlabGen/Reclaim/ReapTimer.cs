namespace SlabGen.Reclaim;

/// <summary>
/// Ends an interval of the working sets again and again: the runtime's own clock, since an application that allocates
/// nothing managed has no collections to hang it on (libumem's update thread).
/// </summary>
/// <remarks>Keeps its runtime no more alive than anyone else does: when that is gone, the timer ends itself.</remarks>
internal sealed class ReapTimer : IDisposable
{
    private readonly WeakReference<DirectReclaim> _reclaim;
    private readonly Timer _timer;

    public ReapTimer(DirectReclaim reclaim, TimeSpan interval)
    {
        _reclaim = new WeakReference<DirectReclaim>(reclaim);
        _timer = new Timer(static state => ((ReapTimer)state!).Tick(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _timer.Change(interval, interval); // not before the field is set
    }

    public void Dispose() => _timer.Dispose();

    private void Tick()
    {
        if (!_reclaim.TryGetTarget(out DirectReclaim? reclaim))
        {
            _timer.Dispose();
        }
        else if (reclaim.HoldsMemory)
        {
            reclaim.Background.WakeToReap();
        }
    }
}
