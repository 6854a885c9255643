using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using SlabGen.Caches;
using SlabGen.Guards;
using SlabGen.Magazines;
using SlabGen.Memory;
using SlabGen.Slabs;

namespace SlabGen;

// What the layers above ask of a cache. Its magazines, slabs and deferred frees are nobody else's to call (a test holds
// it), but for tests.
public sealed partial class KmemCache
{
    internal CacheMagazines Magazines => _magazines;

    internal CacheSlabs Slabs => _slabs;

    internal DeferredFrees Deferred => _deferred;

    /// <summary>Whether the end of the cache has begun.</summary>
    internal bool IsDestroyed => _magazines.IsClosed;

    /// <summary>Whether every call is verified against the slabs.</summary>
    internal bool IsChecked => _states is not null;

    /// <summary>Bytes of an object that nothing else lies in.</summary>
    internal int UsableSize => _marks is null ? SlotSize : ObjectSize;

    /// <summary>What is done to find misuse.</summary>
    internal SlabDebug Letters =>
        _marks?.Layout.Letters ?? (_states is null ? SlabDebug.None : SlabDebug.Checks);

    /// <summary>Whether the fast path of the cache's callers is in the bins of their thread, by its id.</summary>
    internal bool HasBins => _slabs.HasBins;

    /// <summary>What was found where nobody could be told: the next slow calls on this cache throw it.</summary>
    internal PendingErrors Pending => _slabs.Pending;

    /// <summary>Whether anything of the cache waits for readers.</summary>
    internal bool WaitsForReaders => _deferred.Waits;

    /// <summary>Whether users said that the cache's memory can be reclaimed.</summary>
    internal bool IsReclaimable => _slabs.IsReclaimable;

    /// <summary>Bytes of its slabs.</summary>
    internal long SlabBytes => _slabs.Count().Bytes;

    /// <summary>
    /// What is wrong with an address as one of a live object. Outside checked mode, as far as the slabs know: free
    /// objects in magazines look live to them.
    /// </summary>
    internal SlabFault Check(nint address) =>
        _states is null || GuardRange.Contains(address) ? _slabs.Check(address) : _states.Check(address);

    /// <summary>
    /// Whether an object that the slabs call live was freed: it lies in a magazine, or waits for readers. Takes the
    /// gates, one by one.
    /// </summary>
    internal bool IsFreed(nint address) =>
        _magazines.TryFindCached(address, out _) || _deferred.Holds(address) || _quarantine?.Holds(address) == true;

    /// <summary>Whether an object lies free in the calling thread's own magazines.</summary>
    internal bool IsFreeHere(nint address) => _magazines.IsFreeHere(address);

    /// <summary>Whether a guarded object is one of this cache: another may have had its id before.</summary>
    internal bool Guards(GuardedAddress guarded) => guarded.Owner is { } owner && owner == _slabs.Guards;

    /// <summary>Finds the slab that an address lies in, and the object there.</summary>
    internal bool TryFind(nint address, out SlabPlace place) => _slabs.TryFind(address, out place);

    /// <summary>Where an object is that the slabs call live.</summary>
    /// <param name="start">Its address.</param>
    /// <param name="threadId">The thread whose magazine has it, or 0.</param>
    internal AddressKind KindOf(nint start, out int threadId)
    {
        threadId = 0;
        return _deferred.Holds(start) ? AddressKind.DeferredObject
            : _quarantine?.Holds(start) == true ? AddressKind.QuarantinedObject
            : !_magazines.TryFindCached(start, out threadId) ? AddressKind.LiveObject
            : threadId == 0 ? AddressKind.ObjectInDepot
            : AddressKind.ObjectOfThread;
    }

    /// <summary>The error about a pointer that was found at the very call that frees it.</summary>
    internal SlabException ToError(SlabFault fault, nint address) =>
        Throw.Fault(_slabs, fault, address, atTheCall: true).Tell(Pending);

    /// <summary>The error about a free to a mempool, none of whose elements is out.</summary>
    internal SlabException FreedTooOften(string pool, nint address) => Throw.FreedTooOften(_slabs, pool, address);

    /// <summary>Refuses a cache whose objects are too small for a type.</summary>
    internal void RequireFit<T>()
        where T : unmanaged
    {
        if (ObjectSize < Unsafe.SizeOf<T>())
        {
            throw new ArgumentException($"Cache '{Name}' has objects of {ObjectSize} bytes, too small for {typeof(T)}.", "cache");
        }
    }

    /// <summary>
    /// Takes an object, if magazines or slabs have one, or there are pages for a slab: without reclaim. A failure is
    /// not counted.
    /// </summary>
    internal bool TryAllocAtOnce(out nint address)
    {
        bool taken = _magazines.TryAlloc(ref ThreadSlots.Slot(Id), out address);
        _slabs.Pages.WakeIfWanted();
        if (taken)
        {
            Take(address);
        }

        return taken;
    }

    /// <summary>Takes one full magazine of the depot home. The caller holds no lock.</summary>
    internal bool TryEmptyOneFull() => _magazines.TryEmptyOneFull();

    [DoesNotReturn]
    internal void ThrowOutOfMemory(int objects) => Throw.OutOfMemory(_slabs, objects);

    internal void ThrowIfDestroyed() => _magazines.ThrowIfClosed();

    /// <summary>Counts the violated invariants of the cache, whether or not it was destroyed.</summary>
    internal void CountViolations(ValidationReport report) => _magazines.Validate(report);

    /// <summary>
    /// Called before the memory of the runtime is unmapped: when it returns, no magazine is touched any more, and
    /// accounts are charged nothing for the cache.
    /// </summary>
    internal void Unmap()
    {
        _magazines.Unmap();
        _slabs.Quota.DischargeAll();
    }

    /// <summary>
    /// After <see cref="Unmap"/> of every cache: destructs the slabs that left, and waits for those that other threads
    /// have in hand.
    /// </summary>
    internal void WaitForDiscards(ref FoundErrors found)
    {
        found.AddAll(_slabs.FinishDiscardsQuietly());
        while (_slabs.HasDetached)
        {
            UninterruptibleLock.Pause();
        }
    }

    /// <summary>The memory of the runtime goes without destructors: no code can run that knows an address.</summary>
    internal void Abandon()
    {
        _magazines.TryClose();
        _magazines.Unmap();
        _slabs.Abandon();
    }
}
