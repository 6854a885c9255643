namespace SlabGen;

/// <summary>
/// What was allocated in a runtime since <see cref="SlabRuntime.TrackLeaks"/> and is still live. For tests: what other
/// runtimes of the process do, and what was live before, is not in it.
/// </summary>
/// <remarks>
/// It compares the addresses of live objects, at the beginning and when it is asked, and costs allocations nothing. So
/// an object that took the address of one that was live at the beginning is not seen. At both moments everything free
/// is taken home from all threads, as by <see cref="SlabRuntime.Shrink"/>; no other thread should use the runtime then.
/// It belongs to the thread that made it.
/// </remarks>
/// <example><code><![CDATA[
/// using var runtime = new SlabRuntime(new SlabRuntimeOptions { MemoryLimit = 64 << 20 });
/// using var orders = new KmemCache<Order>(runtime, "orders");
/// using SlabLeakScope scope = runtime.TrackLeaks();
/// orders.Free(orders.Alloc());
/// scope.AssertNoLeaks();                             // throws and names what is live
/// ]]></code></example>
public sealed class SlabLeakScope : IDisposable
{
    private readonly SlabRuntime _runtime;
    private readonly Dictionary<KmemCache, HashSet<nint>> _before = [];
    private readonly long _pagesBefore;
    private bool _isOver;

    internal SlabLeakScope(SlabRuntime runtime)
    {
        _runtime = runtime;
        foreach (KmemCache cache in runtime.CachesAndRemains())
        {
            _before.Add(cache, cache.ListLive());
        }

        _pagesBefore = runtime.Pages.CountUserBytes();
    }

    /// <summary>What is still live of all that was allocated since the beginning.</summary>
    /// <exception cref="ObjectDisposedException">The scope is over, or the runtime was disposed.</exception>
    public SlabRuntimeReport FindLeaks()
    {
        ObjectDisposedException.ThrowIf(_isOver, this);
        var leaks = new List<LeakReport>();
        foreach (KmemCache cache in _runtime.CachesAndRemains())
        {
            LeakReport leak = cache.LeakedSince(_before.GetValueOrDefault(cache) ?? []);
            if (!leak.IsClean)
            {
                leaks.Add(leak);
            }
        }

        return new SlabRuntimeReport(leaks, Math.Max(0, _runtime.Pages.CountUserBytes() - _pagesBefore), Error: null);
    }

    /// <summary>
    /// Throws if anything is still live that was allocated since the beginning. The scope is over then.
    /// </summary>
    /// <exception cref="InvalidOperationException">Something is: the message has the report.</exception>
    /// <exception cref="ObjectDisposedException">The scope is over, or the runtime was disposed.</exception>
    public void AssertNoLeaks()
    {
        SlabRuntimeReport report = FindLeaks();
        _isOver = true;
        if (report.HasLeaks)
        {
            throw new InvalidOperationException(report.ToString());
        }
    }

    /// <summary>
    /// Ends the scope. If <see cref="AssertNoLeaks"/> did not, it looks for leaks and raises
    /// <see cref="SlabRuntime.LeaksFound"/> for them, as the disposal of a runtime does.
    /// </summary>
    public void Dispose()
    {
        if (_isOver)
        {
            return;
        }

        SlabRuntimeReport report = FindLeaks();
        _isOver = true;
        if (report.HasLeaks)
        {
            SlabRuntime.Tell(report);
        }
    }
}
