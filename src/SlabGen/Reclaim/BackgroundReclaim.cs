using SlabGen.Memory;
using SlabGen.Pages;

namespace SlabGen.Reclaim;

/// <summary>
/// The thread that takes memory back before an allocation has to wait for it: the kernel's <c>kswapd</c>. It wakes when
/// a zone falls under its low watermark, and rests when all zones are at their high one.
/// </summary>
/// <remarks>
/// The thread exists only while there is work, and for some seconds more (<see cref="OnDemandThread"/>). Requests other
/// than balance are written to fields before the thread is woken. They stay there when no thread can be had. The caller
/// of a request holds no lock of the allocator. What a pass throws comes out of the next call that reclaims.
/// </remarks>
internal sealed class BackgroundReclaim : IDisposable
{
    /// <summary>Milliseconds that the thread rests after a pass that found nothing.</summary>
    private const int Pause = 100;

    private readonly PageAllocator _pages;
    private readonly DirectReclaim _reclaim;
    private readonly OnDemandThread _thread;
    private bool _reapWanted; // set by a waker, cleared by the thread
    private int _shortFor; // ticks of the pressure monitor in a row, while memory was short; its thread
    // The priority of the requested relief, or -1; set by a waker, cleared by the thread.
    private int _reliefPriority = -1;
    private long _passes;
    private Action? _first; // set before the first wake; the thread takes it

    public BackgroundReclaim(PageAllocator pages, DirectReclaim reclaim)
    {
        _pages = pages;
        _reclaim = reclaim;
        _thread = new OnDemandThread("SlabGen reclaim", Pass, reclaim.FailLater);
    }

    /// <summary>The thread, for tests.</summary>
    internal OnDemandThread Worker => _thread;

    /// <summary>
    /// Whether the runtime holds memory. If not, the watcher of the machine need not tell it anything.
    /// </summary>
    public bool HoldsMemory => _reclaim.HoldsMemory;

    /// <summary>How often caches and shrinkers were visited in the background.</summary>
    public long Passes => Volatile.Read(ref _passes);

    /// <summary>The bytes that the runtime holds.</summary>
    public long CommittedBytes => _pages.CommittedBytes;

    /// <summary>
    /// What the thread does before its first pass, which the monitor of pressure then asks for; set it before any wake.
    /// </summary>
    public Action First
    {
        set => Volatile.Write(ref _first, value);
    }

    /// <summary>Wakes the thread. It never throws: without a thread, the next wake tries again.</summary>
    public void Wake() => _thread.TryWake();

    /// <summary>
    /// Makes the next allocation that takes memory say so (<c>IReclaimer.Wake</c>), because nothing watches the runtime
    /// any more.
    /// </summary>
    public void HearOfMemory() => _pages.HearOfMemory();

    /// <summary>Keeps an error for the next caller that reclaims.</summary>
    public void FailLater(Exception failure) => _reclaim.FailLater(failure);

    /// <summary>Ends an interval: takes back what was idle in it.</summary>
    public void WakeToReap()
    {
        Volatile.Write(ref _reapWanted, true);
        Wake();
    }

    /// <summary>
    /// Says that the system is short of memory, or that it is not. While it is, everything that is free goes back, and
    /// shrinkers are called, with more pressure the longer it lasts. The pressure monitor calls this every second.
    /// </summary>
    public void Tell(bool isShort)
    {
        _shortFor = isShort ? _shortFor + 1 : 0;
        if (Volatile.Read(ref _first) is not null && HoldsMemory)
        {
            Wake();
        }

        if (isShort && HoldsMemory)
        {
            Volatile.Write(ref _reliefPriority, Math.Max(0, ShrinkerRegistry.DefaultPriority + 1 - _shortFor));
            Wake();
        }
    }

    /// <summary>
    /// Ends the thread, and waits for it, except in a shrinker that ends its own runtime. A later call finds it
    /// stopped.
    /// </summary>
    public void Dispose() => _thread.Stop();

    private int Pass()
    {
        Try(() => Interlocked.Exchange(ref _first, null)?.Invoke());
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
            _thread.Rest(Pause); // whatever wakes us: memory is in use, and going on at once would find nothing again
        }

        return Timeout.Infinite;
    }

    /// <summary>Runs one part of a pass. If it throws, the others still run.</summary>
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

    /// <returns><see langword="false"/> when the zones are short and nothing more can be taken back.</returns>
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
