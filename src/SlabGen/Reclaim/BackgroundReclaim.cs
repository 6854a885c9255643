using SlabGen.Memory;

namespace SlabGen.Reclaim;

/// <summary>
/// The thread that takes memory back before anybody has to wait for it: the kernel's <c>kswapd</c>. It wakes when a zone
/// falls under its low watermark and rests when all are at their high one.
/// </summary>
/// <remarks>
/// There is a thread only while there is work, and some seconds more. <see cref="_state"/> says which, and changes by
/// compare-and-exchange: None → Running by who wakes it, and starts the thread; Running → Again by who wakes it meanwhile;
/// Again → Running and Running → None by the thread; any → Stopped by <see cref="Dispose"/>. Who wakes and who disposes hold
/// the lock, a leaf, so that a thread that was not started is not waited for, nor an event used that is gone. Who asks
/// holds no lock of the allocator.
/// </remarks>
internal sealed class BackgroundReclaim(PageAllocator pages, DirectReclaim reclaim) : IDisposable
{
    private const int None = 0, Running = 1, Again = 2, Stopped = 3;

    /// <summary>Milliseconds that the thread waits for more work, and those after a pass that found nothing.</summary>
    private const int Patience = 2000, Pause = 100;

    private readonly UninterruptibleLock _lock = new();
    private readonly AutoResetEvent _wake = new(false);
    private readonly ManualResetEventSlim _stop = new();
    private Thread? _thread; // written by who starts it, before it runs
    private int _state;
    private bool _reapWanted; // set by who wakes, cleared by the thread
    private int _shortFor; // ticks of the pressure monitor in a row; its thread
    private int _reliefPriority = -1; // of the relief that is wanted, or -1; set by who wakes, cleared by the thread
    private long _passes;

    /// <summary>How often caches and shrinkers were gone over in the background.</summary>
    public long Passes => Volatile.Read(ref _passes);

    public void Wake()
    {
        if (Volatile.Read(ref _state) == Again)
        {
            return;
        }

        using (_lock.Hold())
        {
            int before = Interlocked.CompareExchange(ref _state, Running, None);
            if (before == None)
            {
                _thread = new Thread(Run) { IsBackground = true, Name = "SlabGen reclaim" };
                _thread.UnsafeStart();
            }
            else if (before == Running && Interlocked.CompareExchange(ref _state, Again, Running) == Running)
            {
                _wake.Set();
            }
        }
    }

    /// <summary>Ends an interval: has what lay idle in it taken back.</summary>
    public void WakeToReap()
    {
        Volatile.Write(ref _reapWanted, true);
        Wake();
    }

    /// <summary>
    /// The system is short of memory, or is not. While it is, everything that lies free goes back, and shrinkers are
    /// asked, the harder the longer it lasts. By the pressure monitor, every second.
    /// </summary>
    public void Tell(bool isShort)
    {
        _shortFor = isShort ? _shortFor + 1 : 0;
        if (isShort && reclaim.HoldsMemory)
        {
            Volatile.Write(ref _reliefPriority, Math.Max(0, ShrinkerRegistry.DefaultPriority + 1 - _shortFor));
            Wake();
        }
    }

    /// <summary>Ends the thread, and waits for it. A call that comes later finds it stopped.</summary>
    public void Dispose()
    {
        Thread? running;
        using (_lock.Hold())
        {
            running = Interlocked.Exchange(ref _state, Stopped) is Running or Again ? _thread : null;
        }

        _stop.Set();
        _wake.Set();
        if (running != Thread.CurrentThread)
        {
            running?.Join(); // a shrinker may end its runtime: then the thread ends when that returns
        }

        _wake.Dispose();
        _stop.Dispose();
    }

    private void Run()
    {
        while (true)
        {
            if (Interlocked.Exchange(ref _reapWanted, false))
            {
                reclaim.Reap();
            }

            if (Interlocked.Exchange(ref _reliefPriority, -1) is >= 0 and int priority)
            {
                reclaim.Relieve(priority);
            }

            if (!Balance() && Volatile.Read(ref _state) != Stopped)
            {
                UninterruptibleWait.For(_stop.WaitHandle, Pause); // whoever wakes us: memory is in use, and going on at once would find nothing again
            }

            if (Interlocked.CompareExchange(ref _state, Running, Again) == Running)
            {
                UninterruptibleWait.For(_wake, Patience);
                if (Interlocked.CompareExchange(ref _state, None, Running) == Running)
                {
                    return;
                }

                Interlocked.CompareExchange(ref _state, Running, Again);
            }

            if (Volatile.Read(ref _state) == Stopped)
            {
                return;
            }
        }
    }

    /// <returns><see langword="false"/> when the zones are short and nothing more can be had.</returns>
    private bool Balance()
    {
        for (int pass = 0; pass < PageAllocator.MaxReclaimRetries && !pages.IsBalanced && Volatile.Read(ref _state) != Stopped; pass++)
        {
            Interlocked.Increment(ref _passes);
            if (!reclaim.ReclaimInBackground())
            {
                return false;
            }
        }

        return true;
    }
}
