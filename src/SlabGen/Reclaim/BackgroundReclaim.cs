using SlabGen.Memory;
using SlabGen.Pages;

namespace SlabGen.Reclaim;

/// <summary>
/// The thread that takes memory back before anybody has to wait for it: the kernel's <c>kswapd</c>. It wakes when a zone
/// falls under its low watermark and rests when all are at their high one.
/// </summary>
/// <remarks>
/// There is a thread only while there is work, and some seconds more (<see cref="OnDemandThread"/>). What is wanted besides balance is written to
/// fields before the thread is woken, and stays there when no thread can be had. Who asks holds no lock of the allocator.
/// What a pass throws, whoever reclaims next is told.
/// </remarks>
internal sealed class BackgroundReclaim : IDisposable
{
    /// <summary>Milliseconds that the thread rests after a pass that found nothing.</summary>
    private const int Pause = 100;

    private readonly PageAllocator _pages;
    private readonly DirectReclaim _reclaim;
    private readonly OnDemandThread _thread;
    private bool _reapWanted; // set by who wakes, cleared by the thread
    private int _shortFor; // ticks of the pressure monitor in a row; its thread
    private int _reliefPriority = -1; // of the relief that is wanted, or -1; set by who wakes, cleared by the thread
    private long _passes;

    public BackgroundReclaim(PageAllocator pages, DirectReclaim reclaim)
    {
        _pages = pages;
        _reclaim = reclaim;
        _thread = new OnDemandThread("SlabGen reclaim", Pass, reclaim.FailLater);
    }

    /// <summary>The thread, for tests.</summary>
    internal OnDemandThread Worker => _thread;

    /// <summary>Whether the runtime holds memory: who watches the machine need not tell one that does not.</summary>
    public bool HoldsMemory => _reclaim.HoldsMemory;

    /// <summary>How often caches and shrinkers were gone over in the background.</summary>
    public long Passes => Volatile.Read(ref _passes);

    /// <summary>Bytes that the runtime holds.</summary>
    public long CommittedBytes => _pages.CommittedBytes;

    /// <summary>Never throws: without a thread, the next wake tries again.</summary>
    public void Wake() => _thread.TryWake();

    /// <summary>Has the next allocation that takes memory say so (<c>IReclaimer.Wake</c>): nobody watches the runtime any more.</summary>
    public void HearOfMemory() => _pages.HearOfMemory();

    /// <summary>The next caller that reclaims is told.</summary>
    public void FailLater(Exception failure) => _reclaim.FailLater(failure);

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
        if (isShort && HoldsMemory)
        {
            Volatile.Write(ref _reliefPriority, Math.Max(0, ShrinkerRegistry.DefaultPriority + 1 - _shortFor));
            Wake();
        }
    }

    /// <summary>Ends the thread, and waits for it, but not in a shrinker that ends its own runtime. A call that comes later finds it stopped.</summary>
    public void Dispose() => _thread.Stop();

    private int Pass()
    {
        Try(() =>
        {
            if (Interlocked.Exchange(ref _reapWanted, false))
            {
                _reclaim.Reap();
            }
        });
        Try(() =>
        {
            if (Interlocked.Exchange(ref _reliefPriority, -1) is >= 0 and int priority)
            {
                _reclaim.Relieve(priority);
            }
        });
        if (!Balance())
        {
            _thread.Rest(Pause); // whoever wakes us: memory is in use, and going on at once would find nothing again
        }

        return Timeout.Infinite;
    }

    /// <summary>What one part of a pass throws does not lose the others.</summary>
    private void Try(Action part)
    {
        try
        {
            part();
        }
        catch (Exception failure)
        {
            _reclaim.FailLater(failure);
        }
    }

    /// <returns><see langword="false"/> when the zones are short and nothing more can be had.</returns>
    private bool Balance()
    {
        for (int pass = 0; pass < ReclaimLoop.MaxRetries && !_pages.IsBalanced && !_thread.IsStopped; pass++)
        {
            Interlocked.Increment(ref _passes);
            if (!_reclaim.ReclaimInBackground())
            {
                return false;
            }
        }

        return true;
    }
}
