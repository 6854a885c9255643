using System.Runtime.ExceptionServices;
using SlabGen.Memory;
using SlabGen.Slabs;

namespace SlabGen;

// The end of a runtime.
public sealed partial class SlabRuntime
{
    /// <summary>
    /// Raised when the disposal of a runtime or a <see cref="KmemCache{T}"/> found a leak or an error, on the thread
    /// that disposes of it. A leak is raised once. If a cache's disposal raised it, the runtime's disposal only lists
    /// it in <see cref="Report"/>. Every handler is called, even if one throws. <c>Dispose</c> then throws that
    /// exception, or an <see cref="AggregateException"/> for several. In tests, a handler that throws makes every leak
    /// a failure.
    /// </summary>
    public static event Action<SlabRuntimeReport>? LeaksFound;

    /// <summary>
    /// What <see cref="Dispose"/> or <see cref="Close"/> found. <see langword="null"/> until one has ended.
    /// </summary>
    public SlabRuntimeReport? Report => Volatile.Read(ref _report);

    /// <summary>
    /// Destroys every cache and gives all memory back. What is still live stays mapped, so that no pointer dangles.
    /// That is not an error here: it is in <see cref="Report"/>, and <see cref="LeaksFound"/> is raised. No other
    /// thread may be inside a call to a cache of this runtime. <c>Dispose</c> waits for its caches' grace periods, and
    /// for destructors that run in the background.
    /// </summary>
    /// <remarks>
    /// <para>On <see cref="Default"/> and what <see cref="Of"/> returns it does nothing, because the whole process uses
    /// them.</para>
    /// <para>If something was deferred (<see cref="KmemCache.FreeDeferred"/>,
    /// <see cref="SlabCacheOptions.TypeSafeByRcu"/>), a read-side section of <see cref="Rcu"/> that any thread of the
    /// process has left open holds this up for ever. <see cref="Rcu.Stalled"/> names the thread after 21 s,
    /// <see cref="Rcu.Readers"/> at any time.</para>
    /// </remarks>
    /// <exception cref="InvalidOperationException">The calling thread is inside a read-side section of
    /// <see cref="Rcu"/>, or in a constructor or destructor of a cache of this runtime, and would wait for its own end.
    /// Nothing was done.</exception>
    public void Dispose()
    {
        if (!IsOfProcess && TryEnd("Dispose") && ToTell(Report!) is { IsClean: false } report)
        {
            Tell(report);
        }
    }

    /// <summary>The report, less the leaks that were already raised when their caches were disposed of.</summary>
    private SlabRuntimeReport ToTell(SlabRuntimeReport report)
    {
        HashSet<LeakReport> raised =
            [.. _caches.Remains().Where(cache => cache.IsLeakTold).Select(cache => cache.Leak!)];
        return raised.Count == 0
            ? report
            : new SlabRuntimeReport([.. report.Leaks.Where(leak => !raised.Contains(leak))], report.PageBytes,
                report.Error);
    }

    internal static void Tell(SlabRuntimeReport report) =>
        Handlers.Tell(LeaksFound, handler => handler(report)).ThrowAll();

    /// <summary>
    /// Ends the runtime like <see cref="Dispose"/>. Instead of raising <see cref="LeaksFound"/>, it throws if a leak or
    /// an error was found. Every call throws again.
    /// </summary>
    /// <exception cref="InvalidOperationException">Objects or pages are still live: the message has the report. Or this
    /// is <see cref="Default"/> or of <see cref="Of"/>, or the calling thread is inside a read-side section, a
    /// constructor or a destructor: nothing was done. Or another call is ending the runtime and waits for this thread,
    /// because Close was called from a shrinker, a move callback or a handler.</exception>
    /// <exception cref="SlabException">A bad pointer was found in a magazine. If exactly one error was found, and no
    /// leak, it is thrown as it is, whatever its type. Everything was unmapped all the same.</exception>
    /// <exception cref="AggregateException">More than one error was found. Errors from earlier, which no call had
    /// reported yet, count too.</exception>
    public void Close()
    {
        if (IsOfProcess)
        {
            throw new InvalidOperationException("This runtime serves the generated caches of the whole process (SlabRuntime.Default, SlabRuntime.Of) and cannot be closed.");
        }

        if (!TryEnd("Close"))
        {
            // Another thread ends the runtime, and finds what there is to report.
            while (Report is null)
            {
                ThrowIfWaitedFor();
                UninterruptibleLock.Pause();
            }
        }

        if (Report is { HasLeaks: true } report)
        {
            throw new InvalidOperationException(report.ToString(), report.Error);
        }

        if (Report?.Error is { } error)
        {
            ExceptionDispatchInfo.Throw(error);
        }
    }

    /// <summary>
    /// The end, in steps: the background stops, every cache is destroyed, what is live is found, and if nothing is,
    /// everything is unmapped.
    /// </summary>
    /// <returns><see langword="false"/> when it was ended before.</returns>
    private bool TryEnd(string caller)
    {
        ThrowIfInTheWay(caller);
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return false;
        }

        FoundErrors errors = default;
        LeakReport[] leaks = [];
        long pageBytes = 0;
        Volatile.Write(ref _endingThread, Environment.CurrentManagedThreadId);
        try
        {
            EndBackground();
            KmemCache[] remains = DestroyCaches(ref errors);
            (leaks, pageBytes) = FindLeaks(remains);
            if (leaks.Length == 0 && pageBytes == 0)
            {
                Unmap(remains, ref errors);
            }
        }
        catch (Exception failure)
        {
            errors.Add(failure); // an end that failed halfway must not look clean
            throw;
        }
        finally
        {
            TakePending(ref errors);
            Volatile.Write(ref _endingThread, 0);
            // Last: another thread in Close may be waiting for the report.
            Volatile.Write(ref _report, new SlabRuntimeReport(leaks, pageBytes, errors.ToException()));
        }

        return true;
    }

    /// <summary>Throws if the end would wait for its own caller.</summary>
    private void ThrowIfInTheWay(string caller)
    {
        Rcu.ThrowIfReading($"SlabRuntime.{caller}");
        if (CacheSlabs.IsInUsersCode(_pages))
        {
            throw new InvalidOperationException($"SlabRuntime.{caller} was called in a constructor or destructor of a cache of this runtime. It would wait for itself.");
        }

        if (_disposed == 0 && _caches.IsEndingHere)
        {
            throw new InvalidOperationException($"SlabRuntime.{caller} was called from a handler or destructor that is running because a cache is being destroyed. It would wait for itself.");
        }
    }

    /// <summary>
    /// Destroys every cache, and waits for those that their users or a load context destroy on other threads.
    /// </summary>
    /// <returns>What remains of them, and of those that were destroyed before.</returns>
    private KmemCache[] DestroyCaches(ref FoundErrors errors)
    {
        _caches.Close();
        foreach (KmemCache cache in _caches.All)
        {
            cache.TryDestroy(out FoundErrors found);
            errors.AddAll(found);
        }

        _caches.WaitForEnds();
        return _caches.Remains();
    }

    private (LeakReport[] Leaks, long PageBytes) FindLeaks(KmemCache[] remains) =>
        ([.. remains.Select(cache => cache.Leak!).Where(leak => !leak.IsClean)], _pages.CountUserBytes());

    /// <summary>Takes the errors found in the background. This is the last chance to report them.</summary>
    private void TakePending(ref FoundErrors errors)
    {
        Array.ForEach(_caches.Remains(), _reclaim.KeepErrorsOf);
        errors.AddAll(_reclaim.Pending);
        errors.AddAll(Shrinkers.Failures);
    }

    /// <summary>
    /// Throws if the call that ends the runtime waits for this thread: it is the background thread, or the ending
    /// thread itself inside a user's handler.
    /// </summary>
    private void ThrowIfWaitedFor()
    {
        bool isEnding = Volatile.Read(ref _endingThread) == Environment.CurrentManagedThreadId;
        if (isEnding || _reclaim.Background.Worker.IsCurrent)
        {
            throw new InvalidOperationException(
                $"SlabRuntime.Close was called {(isEnding ? "by code that the end of this runtime calls, such as a handler" : "on the thread of background reclaim, as by a shrinker,")} while another call ends the runtime and waits for this thread. Nothing was done.");
        }
    }

    /// <summary>Gives everything back. Nothing is live any more.</summary>
    private void Unmap(KmemCache[] remains, ref FoundErrors errors)
    {
        _observed?.End();
        Array.ForEach(remains, cache => cache.Unmap());

        // The finalizer's thread may still work on a slab of a dead thread. After the above, it begins no new one.
        foreach (KmemCache cache in remains)
        {
            cache.WaitForDiscards(ref errors);
        }

        _pages.Unmap();
        OwnContext.Remove(this);
    }
}
