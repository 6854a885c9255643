using SlabGen.Memory;
using SlabGen.Pages;
using SlabGen.Slabs;

namespace SlabGen;

/// <summary>
/// A quota of memory that several caches share, of one owner (the kernel's <c>SLAB_ACCOUNT</c>, where the owner is a
/// memory cgroup). A slab is charged, all of its pages, when it is made, and discharged when it goes; magazines and
/// slab descriptors are not charged. Nothing is counted when an object is allocated or freed. For some moments after a
/// refusal its caches keep nothing in magazines: what is freed goes into its slab, so that a slab that becomes empty
/// serves the others at once.
/// </summary>
/// <remarks>
/// Any thread may call anything. Each count is a word of its own, changed by interlocked operations. Use rises by
/// compare-and-exchange, so it never exceeds the limit that was read. <see cref="_members"/> is copied on write under
/// <see cref="_lock"/>, a leaf, and read by anyone without the lock.
/// </remarks>
public sealed class SlabAccount
{
    private readonly UninterruptibleLock _lock = new();
    private volatile IAccountMember[] _members = [];
    private long _limit, _used, _peak, _failures;

    /// <summary>Makes an account. Caches name it in <see cref="SlabCacheOptions.Account"/>.</summary>
    /// <param name="name">The owner, for messages: 1 to 256 UTF-16 units without white space and invisible
    /// characters.</param>
    /// <param name="limitBytes">The most bytes that the slabs may have at once, at least 0.</param>
    /// <exception cref="ArgumentException">The name is not valid.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The limit is negative.</exception>
    public SlabAccount(string name, long limitBytes)
    {
        ObjectName.Validate(name, "account");
        Name = name;
        Limit = limitBytes;
    }

    /// <summary>The owner, for messages.</summary>
    public string Name { get; }

    /// <summary>
    /// Bytes that may be in use at once. A limit below what is in use takes nothing away, but stops growth.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The limit is negative.</exception>
    public long Limit
    {
        get => Volatile.Read(ref _limit);
        set
        {
            if (value < 0)
            {
                throw new ArgumentOutOfRangeException(nameof(value), value, $"Account '{Name}': the limit must not be negative.");
            }

            Volatile.Write(ref _limit, value);
        }
    }

    /// <summary>Bytes of the slabs that are charged now.</summary>
    public long Used => Volatile.Read(ref _used);

    /// <summary>The highest <see cref="Used"/> so far.</summary>
    public long Peak => Volatile.Read(ref _peak);

    /// <summary>Allocations that failed because of the limit.</summary>
    public long Failures => Volatile.Read(ref _failures);

    /// <inheritdoc/>
    public override string ToString() => $"Account '{Name}' has {Used} of at most {Limit} bytes in use";

    internal Shortage Shortage { get; } = new();

    internal void Add(IAccountMember member)
    {
        using (_lock.Hold())
        {
            _members = [.. _members, member];
        }
    }

    internal void Remove(IAccountMember member)
    {
        using (_lock.Hold())
        {
            _members = [.. _members.Where(m => m != member)];
        }
    }

    internal bool HasRoomFor(long bytes) => Used + bytes <= Limit;

    internal bool TryCharge(long bytes)
    {
        for (long used = Used, seen; used + bytes <= Limit; used = seen)
        {
            seen = Interlocked.CompareExchange(ref _used, used + bytes, used);
            if (seen == used)
            {
                RaisePeak(used + bytes);
                return true;
            }
        }

        return false;
    }

    internal void Discharge(long bytes) => Interlocked.Add(ref _used, -bytes);

    internal void CountFailure() => Interlocked.Increment(ref _failures);

    /// <summary>
    /// Takes home what lies free in the account's caches, if anything came back since that was last done. The caller
    /// holds no lock.
    /// </summary>
    /// <returns>Whether any slab went.</returns>
    internal bool Reclaim()
    {
        if (!Shortage.MayHelp)
        {
            Shortage.Refuse();
            return false;
        }

        long before = Used;
        bool left = true; // where an error ends it
        int search = Shortage.BeginSearch();
        try
        {
            bool leftByAny = false;
            foreach (IAccountMember member in _members)
            {
                leftByAny |= member.TakeHome();
            }

            left = leftByAny;
        }
        finally
        {
            Shortage.EndSearch(search, left);
        }

        bool progress = Used < before;
        if (!progress)
        {
            Shortage.Refuse();
        }

        return progress;
    }

    private void RaisePeak(long used)
    {
        for (long peak = Peak, seen; used > peak; peak = seen)
        {
            seen = Interlocked.CompareExchange(ref _peak, used, peak);
            if (seen == peak)
            {
                return;
            }
        }
    }
}
