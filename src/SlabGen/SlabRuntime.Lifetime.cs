using System.Runtime.ExceptionServices;
using SlabGen.Memory;
using SlabGen.Slabs;

namespace SlabGen;

// The end of a runtime.
public sealed partial class SlabRuntime
{
    /// <summary>
    /// Raised when the disposal of a runtime or a <see cref="KmemCache{T}"/> found a leak or an error, on the thread
    /// that disposes of it. Use it to make every leak a failure of a test project. Every handler is called. If one
    /// throws, the exception comes out of <c>Dispose</c>; if several do, as an <see cref="AggregateException"/>.
    /// </summary>
    public static event Action<SlabRuntimeReport>? LeaksFound;

    /// <summary>What <see cref="Dispose"/> or <see cref="Close"/> found; <see langword="null"/> before.</summary>
    public SlabRuntimeReport? Report => Volatile.Read(ref _report);

    /// <summary>
    /// Destroys every cache and gives all memory back. What is still live stays mapped, so that no pointer dangles.
    /// That is no error here: <see cref="Report"/> and <see cref="LeaksFound"/> tell of it. No other thread may be
    /// inside a call to a cache of this runtime. It waits for the grace periods that its caches wait for, and for
    /// destructors that run in the background.
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
        if (!IsOfProcess && TryEnd("Dispose") && Report is { IsClean: false } report)
        {
            Tell(report);
        }
    }

    internal static void Tell(SlabRuntimeReport report) =>
        Handlers.Tell(LeaksFound, handler => handler(report)).ThrowAll();

    /// <summary>
    /// Does what <see cref="Dispose"/> does, and throws if that found anything. For tests, and for code that wants to
    /// know. Every call throws again.
    /// </summary>
    /// <exception cref="InvalidOperationException">Objects or pages are still live; the message has the report. Or
    /// nothing was done, because this is <see cref="Default"/> or from <see cref="Of"/>, or because the calling thread
    /// is inside a read-side section, a constructor or a destructor. Or another call ends the runtime and waits for the
    /// calling thread, because this call comes from code that the end, or background reclaim, calls (a shrinker, a move
    /// callback, a handler).</exception>
    /// <exception cref="SlabException">A bad pointer was found in a magazine. Everything was still
    /// released.</exception>
    /// <exception cref="AggregateException">There was more than one error, found now or kept since before.</exception>
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

    /// <returns><see langword="false"/> when it was ended before.</returns>
    private bool TryEnd(string caller)
    {
        Rcu.ThrowIfReading($"SlabRuntime.{caller}");
        if (CacheSlabs.IsInUsersCode(_pages))
        {
            throw new InvalidOperationException($"SlabRuntime.{caller} was called in a constructor or destructor of a cache of this runtime, for whose end it would wait.");
        }

        if (_disposed == 0 && _caches.IsEndingHere)
        {
            throw new InvalidOperationException($"SlabRuntime.{caller} was called by code that the end of a cache runs, a handler or a destructor, for whose end it would wait.");
        }

        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return false;
        }

        while (Volatile.Read(ref _ends) > 0)
        {
            // Waits for caches that end with their load context; no user code there waits for this thread.
            UninterruptibleLock.Pause();
        }

        FoundErrors errors = default;
        LeakReport[] leaks = [];
        long pageBytes = 0;
        Volatile.Write(ref _endingThread, Environment.CurrentManagedThreadId);
        try
        {
            EndBackground();
            _caches.Close();
            foreach (KmemCache cache in _caches.All)
            {
                cache.TryDestroy(out FoundErrors found);
                errors.AddAll(found);
            }

            _caches.WaitForEnds();
            KmemCache[] remains = _caches.Remains(); // includes what destroyed caches left behind
            leaks = [.. remains.Select(cache => cache.Leak!).Where(leak => !leak.IsClean)];
            pageBytes = _pages.CountUserBytes();
            if (leaks.Length == 0 && pageBytes == 0)
            {
                Unmap(remains, ref errors);
            }
        }
        catch (Exception failure)
        {
            errors.Add(failure); // what was not done is no clean end
            throw;
        }
        finally
        {
            // Report what was found in the background now, because no later call can.
            Array.ForEach(_caches.Remains(), cache => _reclaim.KeepErrorsOf(cache));
            errors.AddAll(_reclaim.Pending);
            errors.AddAll(Shrinkers.Failures);
            Volatile.Write(ref _endingThread, 0);
            // Another Close may wait for it.
            Volatile.Write(ref _report, new SlabRuntimeReport(leaks, pageBytes, errors.ToException()));
        }

        return true;
    }

    /// <summary>
    /// Throws if the thread that ends the runtime waits for the caller: the caller is the background, or that very
    /// thread in a handler of the user's.
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

    /// <summary>Gives everything back. No user has an object.</summary>
    private void Unmap(KmemCache[] remains, ref FoundErrors errors)
    {
        foreach (KmemCache cache in remains)
        {
            cache.Magazines.Unmap();
            cache.Slabs.Quota.DischargeAll();
        }

        // The finalizer's thread may still work on a slab of a dead thread. After the above, it begins no new one.
        foreach (KmemCache cache in remains)
        {
            errors.AddAll(cache.Slabs.FinishDiscardsQuietly());
            while (cache.Slabs.HasDetached)
            {
                UninterruptibleLock.Pause();
            }
        }

        _pages.Unmap();
        OwnContext.Remove(this);
    }
}
