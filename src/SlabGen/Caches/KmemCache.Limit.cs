using SlabGen.Caches;
using SlabGen.Slabs;

namespace SlabGen;

// What happens at a limit of the cache before an allocation fails.
public sealed partial class KmemCache
{
    private const long Never = long.MinValue;

    /// <summary>
    /// Whether a request for one object fails at once: at one moment the cache has as many objects as it may, and no
    /// magazine has a free one. A bounded cache asks this again and again ("try, else evict"), so it takes no lock of
    /// the slabs, no barrier, and makes no garbage. If no such moment is found, locks decide.
    /// </summary>
    private bool FailsAtOnce(bool mayWait)
    {
        if (!_slabs.IsAtLimit)
        {
            return FailsForItsAccount();
        }

        _magazines.ThrowIfClosed();
        Pending.Throw();
        if (_quarantine?.Count > 0 || _magazines.MayHaveFree(orRoom: true))
        {
            return false;
        }

        if (mayWait && WarnOf(SlabLimit.Cache) && (!_slabs.IsAtLimit || _magazines.MayHaveFree(orRoom: true)))
        {
            return false; // the callback freed some objects
        }

        CountFailure(SlabLimit.Cache, 1);
        return true;
    }

    /// <summary>
    /// The same for the account: it has no room for a slab, the slabs have no free object, and there is none elsewhere.
    /// </summary>
    private bool FailsForItsAccount()
    {
        if (_slabs.Quota.Account is not { Shortage.IsSettled: true } account)
        {
            return false;
        }

        _magazines.ThrowIfClosed();
        _magazines.ThrowPending();
        if (!_slabs.IsFullWithin(account) || !account.Shortage.IsSettled)
        {
            return false;
        }

        account.Shortage.Refuse();
        account.CountFailure();
        CountFailure(SlabLimit.Account, 1);
        return true;
    }

    /// <summary>The limit under which there can never be so many objects; none if memory is too small.</summary>
    private SlabLimit NeverWithin(int objects) =>
        !_slabs.Quota.CanHave(objects) ? SlabLimit.Cache
        : !_slabs.AccountCanHave(objects) ? SlabLimit.Account : SlabLimit.None;

    bool IAccountMember.TakeHome()
    {
        bool left = TakeHomeQuietly(Patience.Short).Left > 0;
        StirIfWaiting();
        return left;
    }

    /// <summary>
    /// After all was taken home: whether more will come, which a reader, or whoever destructs, holds up.
    /// </summary>
    internal void StirIfWaiting()
    {
        if (_deferred.Waits || _slabs.HasDetached)
        {
            _slabs.Stir();
        }
    }

    /// <summary>Takes home what lies free under the limit. The caller holds no lock.</summary>
    /// <returns>Whether it is worth trying again.</returns>
    private bool ReclaimWithin(SlabLimit limit)
    {
        (long inUse, long capacity) = (_slabs.InUse, _slabs.Capacity);
        bool progress = false;
        if (limit == SlabLimit.Account)
        {
            progress = _slabs.Quota.Account!.Reclaim();
        }
        else
        {
            TakeHomeQuietly(Patience.Short);
        }

        // The objects that came home may have gone to other threads, and lie free in their magazines again.
        return progress || _slabs.InUse < inUse || _slabs.Capacity < capacity
            || (limit == SlabLimit.Cache && (_quarantine?.Count > 0 || _magazines.MayHaveFree()));
    }

    /// <summary>
    /// Calls the warning callback when a limit refuses a request that may wait, and taking home did not help. The
    /// caller holds no lock.
    /// </summary>
    /// <returns>Whether the callback ran.</returns>
    private bool WarnOf(SlabLimit limit)
    {
        if (limit != SlabLimit.Cache || _slabs.Quota.Warning is not { } warning)
        {
            return false;
        }

        // The callback may itself allocate from the cache, and meet the limit.
        long now = Environment.TickCount64, last = Volatile.Read(ref _warnedAt);
        if (!IsDue(now, last) || Interlocked.Exchange(ref _warning, 1) != 0)
        {
            return false;
        }

        try
        {
            if (Interlocked.CompareExchange(ref _warnedAt, now, last) == last)
            {
                warning(_slabs.ToWarning());
                return true;
            }

            return false;
        }
        finally
        {
            Volatile.Write(ref _warning, 0);
        }
    }

    private bool IsDue(long now, long last) =>
        last == Never
            || (_slabs.Quota.WarningInterval != Timeout.InfiniteTimeSpan
                && now - last >= _slabs.Quota.WarningInterval.TotalMilliseconds);
}
