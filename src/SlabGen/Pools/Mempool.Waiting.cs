using SlabGen.Pools;

namespace SlabGen;

// Taking an element, and waiting for one.
public sealed partial class Mempool
{
    /// <summary>
    /// Takes an element, and waits for one if there is none (<c>mempool_alloc</c> with <c>GFP_KERNEL</c>).
    /// </summary>
    /// <param name="cancellationToken">Ends the wait. An element that comes at that moment goes to the next
    /// waiter.</param>
    /// <returns>The address of the element, never 0. Its contents are undefined.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="SlabException">A bad pointer that was freed to the cache before has been found; no element was
    /// taken.</exception>
    /// <exception cref="ObjectDisposedException">The pool was disposed, or the cache destroyed.</exception>
    public nint Alloc(CancellationToken cancellationToken = default) =>
        Alloc(Timeout.InfiniteTimeSpan, cancellationToken);

    /// <summary>Takes an element. If there is none, waits for one up to a timeout.</summary>
    /// <param name="timeout">The longest wait. 0 does not wait, but reclaims memory.
    /// <see cref="Timeout.InfiniteTimeSpan"/> waits without end.</param>
    /// <param name="cancellationToken">Ends the wait. An element that comes at that moment goes to the next
    /// waiter.</param>
    /// <exception cref="ArgumentOutOfRangeException">The timeout is negative.</exception>
    /// <exception cref="TimeoutException">No element came back in time.</exception>
    /// <inheritdoc cref="Alloc(CancellationToken)"/>
    public nint Alloc(TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        if (timeout != Timeout.InfiniteTimeSpan)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(timeout, TimeSpan.Zero);
        }

        cancellationToken.ThrowIfCancellationRequested();
        return TryTake(out nint address, out MempoolWaiter? waiter)
            ? address : Wait(waiter!, timeout, cancellationToken);
    }

    /// <summary>Takes an element. If there is none, the task ends with the first one that is freed.</summary>
    /// <inheritdoc cref="Alloc(CancellationToken)"/>
    public ValueTask<nint> AllocAsync(CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<nint>(cancellationToken);
        }

        try
        {
            return TryTake(out nint address, out MempoolWaiter? waiter)
                ? new ValueTask<nint>(address) : new ValueTask<nint>(WaitAsync(waiter!, cancellationToken));
        }
        catch (Exception failure)
        {
            // The caller gets it by awaiting the task, as if it came later.
            return ValueTask.FromException<nint>(failure);
        }
    }

    /// <summary>Takes an element that can be had at once; otherwise takes a place in the queue.</summary>
    private bool TryTake(out nint address, out MempoolWaiter? waiter)
    {
        waiter = null;
        if (TryAlloc(out address) || TryAllocReclaiming(out address))
        {
            return true;
        }

        waiter = new MempoolWaiter();
        bool disposed;
        using (_lock.Hold())
        {
            disposed = _disposed;
            if (!disposed)
            {
                if (TryTakeReserved(out address)) // an element was freed since
                {
                    return true;
                }

                _waiters.AddLast(waiter.Node);
            }
        }

        ObjectDisposedException.ThrowIf(disposed, this);
        return false;
    }

    private bool TryAllocReclaiming(out nint address)
    {
        bool taken = _cache.TryAlloc(GfpFlags.Kernel, out address);
        Interlocked.Add(ref _outstanding, taken ? 1 : 0);
        return taken;
    }

    private nint Wait(MempoolWaiter waiter, TimeSpan timeout, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                TimeSpan waited = TimeSpan.FromMilliseconds(Environment.TickCount64 - waiter.Since);
                TimeSpan left = timeout == Timeout.InfiniteTimeSpan ? TimeSpan.MaxValue : timeout - waited;
                if (left <= TimeSpan.Zero)
                {
                    throw new TimeoutException($"Mempool '{Name}': no element came back within {timeout}. {Outstanding} are out; its minimum is {Minimum}.");
                }

                if (waiter.Task.Wait(left < RetryInterval ? left : RetryInterval, cancellationToken))
                {
                    return Served(waiter);
                }

                if (TryAllocReclaiming(out nint address))
                {
                    return Exchange(waiter, address);
                }
            }
        }
        catch
        {
            GiveUp(waiter); // cancelled, interrupted, out of time, or reclaim threw
            throw;
        }
    }

    private async Task<nint> WaitAsync(MempoolWaiter waiter, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                try
                {
                    await waiter.Task.WaitAsync(RetryInterval, cancellationToken).ConfigureAwait(false);
                    return Served(waiter);
                }
                catch (TimeoutException)
                {
                }

                if (TryAllocReclaiming(out nint address))
                {
                    return Exchange(waiter, address);
                }
            }
        }
        catch
        {
            GiveUp(waiter);
            throw;
        }
    }

    /// <summary>What a waiter got that is no longer in the queue.</summary>
    private nint Served(MempoolWaiter waiter)
    {
        nint address = waiter.Task.Result;
        ObjectDisposedException.ThrowIf(address == 0, this);
        return address;
    }

    /// <summary>Called when a waiter has found an element elsewhere.</summary>
    private nint Exchange(MempoolWaiter waiter, nint address)
    {
        if (TryLeave(waiter))
        {
            return address;
        }

        Free(address); // the waiter was served meanwhile
        return Served(waiter);
    }

    private void GiveUp(MempoolWaiter waiter)
    {
        if (!TryLeave(waiter) && waiter.Task.Result is not 0 and nint address)
        {
            Free(address); // the waiter was served meanwhile, so this goes to the next one
        }
    }

    private bool TryLeave(MempoolWaiter waiter)
    {
        using (_lock.Hold())
        {
            bool waits = waiter.Node.List is not null;
            if (waits)
            {
                _waiters.Remove(waiter.Node);
            }

            return waits;
        }
    }
}
