using SlabGen.CompilerServices;
using SlabGen.Memory;

namespace SlabGen.Magazines;

/// <summary>
/// A thread cache's entry in its cache's list. The list keeps the entry alive, and with it the gate and the owner's
/// record, but not the thread cache.
/// </summary>
internal sealed class ThreadCacheRegistration(ThreadCache thread, OwnerThread owner)
{
    // It tracks resurrection, so that a thread cache whose finalizer is queued, or has not run yet, can still be
    // revoked.
    private readonly WeakReference<ThreadCache> _cache = new(thread, trackResurrection: true);

    public UninterruptibleLock Gate { get; } = new();

    /// <summary>
    /// It is held here so that it is not finalized before the thread cache, which may be found after the owner died.
    /// </summary>
    public OwnerThread Owner { get; } = owner;

    /// <summary>The index in the list. Under the list's lock.</summary>
    public int Index { get; set; } = -1;

    public ThreadCache? Cache => _cache.TryGetTarget(out ThreadCache? thread) ? thread : null;
}

/// <summary>The thread caches of one cache.</summary>
/// <remarks>Everything is under its lock, which is a leaf: no gate is taken while it is held.</remarks>
internal sealed class ThreadCacheList
{
    private readonly UninterruptibleLock _lock = new();
    private readonly List<ThreadCacheRegistration> _entries = [];
    private int _next;
    private bool _closed;

    /// <returns><see langword="false"/> when the list is closed.</returns>
    public bool TryAdd(ThreadCache thread)
    {
        using (_lock.Hold())
        {
            if (_closed)
            {
                return false;
            }

            _entries.Add(thread.Registration);
            thread.Registration.Index = _entries.Count - 1;
            return true;
        }
    }

    public void Remove(ThreadCache thread)
    {
        using (_lock.Hold())
        {
            int index = thread.Registration.Index;
            if (index < 0)
            {
                return;
            }

            ThreadCacheRegistration last = _entries[^1];
            _entries[index] = last;
            last.Index = index;
            _entries.RemoveAt(_entries.Count - 1);
            thread.Registration.Index = -1;
        }
    }

    /// <summary>
    /// Looks at the next few entries for one whose thread is dead. It is called whenever a thread comes. So threads
    /// that come and go leave a bounded number of thread caches behind, even when no collection runs.
    /// </summary>
    public ThreadCache? NextDead()
    {
        using (_lock.Hold())
        {
            for (int looked = 0; looked < 4 && looked < _entries.Count; looked++)
            {
                _next = _next + 1 < _entries.Count ? _next + 1 : 0;
                if (!_entries[_next].Owner.IsAlive && _entries[_next].Cache is { } dead)
                {
                    return dead;
                }
            }

            return null;
        }
    }

    /// <summary>Closes the list to further thread caches.</summary>
    public void Close()
    {
        using (_lock.Hold())
        {
            _closed = true;
        }
    }

    /// <summary>Whether any of them may hold a free object that can be taken home. It takes no gate.</summary>
    public bool AnyMayHoldFree()
    {
        using (_lock.Hold())
        {
            foreach (ThreadCacheRegistration entry in _entries)
            {
                if (entry.Cache is { MayHoldFree: true })
                {
                    return true;
                }
            }

            return false;
        }
    }

    public ThreadCache[] ToArray()
    {
        using (_lock.Hold())
        {
            var caches = new List<ThreadCache>(_entries.Count);
            foreach (ThreadCacheRegistration entry in _entries)
            {
                if (entry.Cache is { } thread)
                {
                    caches.Add(thread);
                }
            }

            return [.. caches];
        }
    }
}
