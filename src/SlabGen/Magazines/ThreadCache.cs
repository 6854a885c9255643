using System.ComponentModel;
using System.Runtime.CompilerServices;
using SlabGen.Guards;
using SlabGen.Magazines;
using SlabGen.Memory;

namespace SlabGen.CompilerServices;

/// <summary>
/// What one thread holds of one cache: a loaded magazine that it pushes to and pops from without lock or atomic
/// instruction, and a previous one behind it. Generated code owns a thread-static slot for it; nothing else needs to
/// name this type.
/// </summary>
/// <remarks>
/// <para><b>Fast path</b> (<see cref="ThreadBin"/>): one compare, one load, one store. Only the
/// owner thread runs it; the object itself is never touched.</para>
/// <para><b>Who owns what.</b> The words of the fast path, <c>Top</c>, <c>Low</c>, <c>High</c>, lie in <c>_own</c>, or
/// in the bin that the thread lent; <c>_own</c> is then shut for good. <c>Top</c>: written by the owner thread alone,
/// read by anyone. <c>Low</c>, <c>High</c>: written under the gate, read by the owner at any time. <c>_held</c>,
/// <c>_previous</c> and the rest: under the gate; but the rounds between <c>Low</c> and <c>High</c> are the owner's to
/// push and pop without it.</para>
/// <para><b>Lock order.</b> Gate, depot, list lock, metadata pool, zone. A thread holds one gate at a time;
/// but for <see cref="KmemCache.Validate"/> and <see cref="KmemCache.Reset()"/>, in which one thread at a time holds
/// them all.</para>
/// <para><b>Revocation</b> (<see cref="Revoke"/>, <see cref="Revocation{TWords}"/>) lets any thread take back what an
/// idle thread holds, at no cost to the fast path:</para>
/// <list type="number">
/// <item>Under the gate, write <c>Low</c> = max and <c>High</c> = min: from now on both compares fail, and the owner's
/// slow path waits for the gate.</item>
/// <item>A process-wide barrier. Every operation whose compare ran before it has either finished, and its store to
/// <c>Top</c> is visible, or is the single one in flight on the owner's processor, or was when it was preempted.</item>
/// <item>Read <c>Top</c>. The operation in flight, if any, can only pop the entry just below it, push some at it, or
/// put back a batch that it claimed above it: all entries from the old <c>Low</c> up to one below <c>Top</c> are the
/// revoker's. So what may stay with a running owner is one object, or those of one batch.</item>
/// <item>If the owner was seen outside the fast path after the barrier (<see cref="OwnerThread.HasLeft"/>: it is the
/// caller itself, dead, in a managed wait, asleep in a system call; or it was so, or in the slow path of any cache, or
/// has computed for long), no operation is in flight, since none can start: the last entry and the magazine go
/// too.</item>
/// <item>Otherwise the bounds stay shut, and the gate is left. The owner's next operation takes the slow path, which
/// moves what is left to the bottom and opens the bounds again (<see cref="Settle"/>). If none comes, the next
/// revocation asks again; what was seen of the owner meanwhile, by a revocation of whatever cache, counts.</item>
/// </list>
/// <para>What is shut with a magazine loaded has been so since a barrier: only the owner opens it, under the
/// gate.</para>
/// <para>Invariants under the gate: <c>_previous</c> is full or empty. Without a loaded magazine, and when closed, both
/// compares fail. Nobody but the owner writes rounds of the loaded magazine.</para>
/// </remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed partial class ThreadCache : IRevoked
{
    /// <summary>What a thread takes from the slabs at first: so many objects, as far as they are small.</summary>
    private const int FirstRefill = 16, FirstRefillBytes = 4096;

    private LoadedMagazine _held; // gate
    private unsafe Magazine* _previous; // gate
    private int _refill; // owner, under the gate
    private bool _closed, _retired; // gate; go to true once
    private int _visits; // owner, under the gate: of its slow path
    private nint _reapedTop; // gate: Top and _visits when last asked whether the owner is idle
    private int _reapedVisits; // gate
    private nint _leftTop; // gate: Top when a revocation last had to leave something here
    private long _leftAt; // gate: and the time, in milliseconds
    private nint _openLow, _openHigh; // gate: what Shut found
    private ThreadBins? _bins; // gate: where the bin is lent from
    // Gate: the bin that was lent, until this is retired; else null. The owner may read it.
    private unsafe ThreadBin* _bin;
    private ThreadBin _own; // as said in the remarks

#pragma warning disable CS0169, IDE0051 // Keeps the words above off the cache line of the object behind this one.
    private readonly CacheLinePair _padding;
#pragma warning restore CS0169, IDE0051

    internal ThreadCache(CacheMagazines magazines)
    {
        Magazines = magazines;
        Depot = magazines.DepotOfThisThread();
        Registration = new ThreadCacheRegistration(this, OwnerThread.Current);
        _own.Shut();
        _refill = Math.Clamp(FirstRefillBytes / magazines.Slabs.Layout.Size, 1, FirstRefill);
    }

    /// <summary>
    /// A dead thread's objects come home: .NET has no thread-exit callback, but the slot of a dead thread is garbage.
    /// </summary>
    ~ThreadCache()
    {
        if (Registration is not null) // else the constructor ran out of memory
        {
            try
            {
                Magazines.Retire(this);
            }
            catch (Exception failure)
            {
                // An exception would end the process here; the cache's next slow call has it.
                Magazines.ThrowLater(failure);
            }
        }
    }

    internal CacheMagazines Magazines { get; }

    /// <summary>The depot of the node that the thread ran on at its first call.</summary>
    internal Depot Depot { get; }

    /// <summary>The full magazines that this thread put into the depot.</summary>
    internal Shelf Shelf { get; } = new();

    /// <summary>
    /// Its entry in the list of the cache, which also keeps <see cref="Gate"/> alive for late finalizers.
    /// </summary>
    internal ThreadCacheRegistration Registration { get; }

    /// <summary>Owner: how often it was refused a magazine since it last had one.</summary>
    internal int TurnedAway { get; set; }

    internal UninterruptibleLock Gate => Registration.Gate;

    /// <summary>The cache was destroyed: the slow path must not touch its slabs any more. Under the gate.</summary>
    internal bool IsClosed => _closed;

    internal OwnerThread Owner => Registration.Owner;

    /// <summary>Where the words of the fast path are.</summary>
    private unsafe ref ThreadBin Words
    {
        get
        {
            ThreadBin* bin = _bin; // once: a reader without the gate may meet its end
            return ref bin != null ? ref *bin : ref _own;
        }
    }

    // What follows is ThreadBin's fast path once more: through a call of its methods, inlined as it is, the JIT makes
    // values of the answers before it tests them, and a batch takes twice as long.

    /// <summary>Takes a free object, if the loaded magazine has one. Owner thread only.</summary>
    /// <param name="address">The object, in the state in which it was freed; 0 when there is none.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryAlloc(out nint address)
    {
        nint top = _own.Top;
        if (top <= _own.Low)
        {
            address = 0;
            return false;
        }

        unsafe
        {
            address = *(nint*)(top - sizeof(nint));
            _own.Top = top - sizeof(nint);
        }

        return true;
    }

    /// <summary>Takes an object back, if the loaded magazine has room. Owner thread only.</summary>
    /// <param name="address">The object. It is not looked at here, but for null and guarded objects, which take the
    /// slow path.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryFree(nint address)
    {
        nint top = _own.Top;
        if (top >= _own.High || (nuint)address < (nuint)GuardRange.End)
        {
            return false;
        }

        unsafe
        {
            *(nint*)top = address;
            _own.Top = top + sizeof(nint);
        }

        return true;
    }
}
