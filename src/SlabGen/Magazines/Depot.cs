using SlabGen.Memory;
using SlabGen.Metadata;
using SlabGen.Slabs;

namespace SlabGen.Magazines;

/// <summary>
/// The magazines of a cache that no thread has loaded: full ones on the shelf of the thread cache that filled them, and
/// a few empty ones. A cache has one depot for each node of the machine (the kernel's <c>node_barn</c>).
/// </summary>
/// <remarks>
/// <para><b>Reuse distance.</b> A thread gets its own magazines back last in, first out: they are warm in its cache.
/// A magazine that another thread filled is cold here and warm there, and writing to its objects at once would pull
/// every line across. So a stranger gets the <i>oldest</i> magazine of one of the other shelves, in turn, and only once
/// <c>reuseDistance</c> objects wait; before that it takes new objects from the slabs.</para>
/// <para>All state, and the shelves', is under <see cref="_lock"/>, which comes after a thread cache's gate and before
/// the metadata pool's lock. Invariants: full magazines have all their rounds; <see cref="FullCount"/> and
/// <see cref="FullObjects"/> are the sums over the shelves; when a magazine is put down, the objects are at most
/// <c>maxObjects</c>, and within the budget that depots share, but for what magazines gained by growth; a shelf is in
/// <see cref="_shelves"/> exactly while it is not empty; empty magazines that are kept have <see cref="Rounds"/>
/// rounds.</para>
/// <para><b>Working set</b> (libumem's <c>umem_depot_ws_update</c>). What lay here through a whole interval was not
/// needed in it: <see cref="_fullMin"/> and <see cref="_emptyMin"/> are the least numbers since the last one
/// ended.</para>
/// <para><b>Growth</b> (<c>umem_cache_magazine_resize</c>). Threads that wait for the lock come here too often: the
/// empty magazines that they get from then on are larger. Those of the old size are used on, and go when they come back
/// empty.</para>
/// </remarks>
/// <param name="pools">Where magazines come from.</param>
/// <param name="rounds">The rounds of a magazine, to begin with.</param>
/// <param name="maxObjects">Objects kept in full magazines.</param>
/// <param name="reuseDistance">Objects that wait before a stranger gets some.</param>
/// <param name="budget">What the depot shares with those of other caches, if it does.</param>
/// <param name="objectSize">Bytes of an object; for the budget.</param>
internal sealed partial class Depot(MetadataPools pools, int rounds, long maxObjects, long reuseDistance,
    DepotBudget? budget = null, int objectSize = 0)
{
    private const int MaxEmpty = 16;

    private readonly UninterruptibleLock _lock = new();
    private readonly List<Shelf> _shelves = []; // lock
    private readonly Shelf _orphans = new(); // lock: the magazines of thread caches that are gone
    private MetadataPool _pool = pools.For(Magazine.BytesFor(rounds)); // lock: makes magazines with Rounds rounds
    private unsafe Magazine* _empties; // lock
    private uint _turn; // lock
    private int _fullMin, _emptyMin; // lock
    private bool _traded; // lock: whether magazines were traded since the last interval ended
    private DepotWords _words; // lock; read by anyone
    private long _visits, _contentions, _seenContentions; // lock; read by anyone

    /// <summary>The rounds of the empty magazines that are handed out. A snapshot.</summary>
    public int Rounds { get; private set; } = rounds;

    /// <summary>The number of full magazines in the depot. A snapshot.</summary>
    public int FullCount => Volatile.Read(ref _words.FullCount);

    /// <summary>
    /// Whether there are full magazines here, or one is on its way from here to the slabs. It takes no lock, for
    /// <see cref="CacheMagazines.MayHaveFree"/>.
    /// </summary>
    public bool MayHaveFull => DepotSteps<RawWords>.MayHaveFull(ref _words);

    /// <summary>
    /// How often a full magazine has left. It rises before the magazine is gone from <see cref="FullCount"/>.
    /// </summary>
    public long FullsTaken => Volatile.Read(ref _words.FullsTaken);

    /// <summary>The number of objects in full magazines. A snapshot.</summary>
    public long FullObjects { get; private set; }

    /// <summary>The number of empty magazines in the depot. A snapshot.</summary>
    public int EmptyCount { get; private set; }

    /// <summary>How often a thread had to wait for another here. A snapshot.</summary>
    public long Contentions => Volatile.Read(ref _contentions);

    /// <summary>How often a thread came here for a magazine. A snapshot.</summary>
    public long Visits => Volatile.Read(ref _visits);

    // Never more than can wait here, or no thread would ever get a stranger's magazine.
    private long ReuseDistance => Math.Min(reuseDistance, maxObjects - Rounds + 1);

    /// <summary>
    /// Ends an interval of the working set, and gives back the memory of the empty magazines that it did not need.
    /// </summary>
    /// <param name="contentions">How often a thread had to wait for another here in the interval.</param>
    /// <returns>The number of full magazines that it did not need. The caller takes them, one by one.</returns>
    public unsafe int EndInterval(out long contentions)
    {
        using (_lock.Hold())
        {
            contentions = _contentions - _seenContentions;
            _seenContentions = _contentions;
            budget?.ForgetPeak();
            for (int idle = _emptyMin; idle > 0; idle--)
            {
                FreeMagazine(PopEmpty());
            }

            // While magazines pass from thread to thread, those of the reuse distance do their work by waiting.
            int unneeded = Math.Max(0, _fullMin - (_traded ? (int)(Math.Max(0, ReuseDistance) / Rounds) : 0));
            (_fullMin, _emptyMin, _traded) = (FullCount, EmptyCount, false);
            return unneeded;
        }
    }

    /// <summary>Sets the number of rounds of empty magazines from now on.</summary>
    public unsafe void Grow(int rounds)
    {
        MetadataPool pool = pools.For(Magazine.BytesFor(rounds));
        using (_lock.Hold())
        {
            FreeEmptiesLocked();
            (Rounds, _pool) = (rounds, pool);
        }
    }

    /// <summary>Trades an empty magazine for a full one.</summary>
    /// <param name="shelf">The shelf of the asking thread cache.</param>
    /// <param name="empty">The empty magazine that it gives, or <see langword="null"/>.</param>
    /// <param name="atOnce">Whether a stranger's magazine will do before the reuse distance.</param>
    /// <returns>A full magazine; or <see langword="null"/>, and the empty one was not taken.</returns>
    public unsafe Magazine* TradeForFull(Shelf shelf, Magazine* empty, bool atOnce)
    {
        using (_lock.Hold(ref _contentions))
        {
            _visits++;
            Magazine* full;
            if (shelf.Count > 0)
            {
                full = shelf.PopNewest();
            }
            else if (FullCount > 0 && (atOnce || FullObjects >= ReuseDistance))
            {
                shelf = _shelves[(int)(_turn++ % (uint)_shelves.Count)];
                full = shelf.PopOldest();
            }
            else
            {
                return null;
            }

            DepotSteps<RawWords>.Take(ref _words);
            CountFullTaken(full);
            _traded = true;
            Unlist(shelf);
            if (empty != null)
            {
                PutEmpty(empty);
            }

            return full;
        }
    }

    /// <summary>Trades a full magazine for an empty one.</summary>
    /// <param name="shelf">The thread cache's own.</param>
    /// <param name="full">What it gives.</param>
    /// <param name="other">
    /// An empty magazine. Or one that the caller must empty into the slabs: an old one, when the depot is as full as it
    /// may be; the caller's own, which was not taken, when the depot keeps nothing or there is no memory for an empty
    /// one.
    /// </param>
    /// <returns>Whether <paramref name="other"/> is empty.</returns>
    public unsafe bool TryTradeForEmpty(Shelf shelf, Magazine* full, out Magazine* other)
    {
        other = full;
        using (_lock.Hold(ref _contentions))
        {
            _visits++;
            _shelves.EnsureCapacity(_shelves.Count + 1); // what can fail comes before anything is taken
            if (!HasRoomFor(full->Count))
            {
                Shelf from = shelf.Count > 0 || FullCount == 0
                    ? shelf : _shelves[(int)(_turn++ % (uint)_shelves.Count)];
                if (from.Count == 0)
                {
                    return false; // a depot that keeps nothing
                }

                other = from.PopOldest();
                DepotSteps<RawWords>.Trade(ref _words);
                CountObjects(-other->Count);
                Unlist(from);
                Put(shelf, full);
                CountObjects(full->Count);
                return false;
            }

            Magazine* empty = TakeEmpty();
            if (empty == null)
            {
                return false;
            }

            Put(shelf, full);
            DepotSteps<RawWords>.Put(ref _words);
            CountObjects(full->Count);
            other = empty;
            return true;
        }
    }

    /// <returns>An empty magazine, or <see langword="null"/> when memory has run out.</returns>
    public unsafe Magazine* TryGetEmpty()
    {
        using (_lock.Hold(ref _contentions))
        {
            _visits++;
            return TakeEmpty();
        }
    }

    public unsafe void ReturnEmpty(Magazine* magazine)
    {
        using (_lock.Hold())
        {
            DepotSteps<RawWords>.EndDrain(ref _words, (nint)magazine);
            PutEmpty(magazine);
        }
    }

    /// <summary>
    /// Takes any full magazine, the oldest of its shelf, for a drain. It comes back by <see cref="ReturnEmpty"/> before
    /// the next is taken.
    /// </summary>
    public unsafe Magazine* TakeAnyFull()
    {
        using (_lock.Hold())
        {
            if (_shelves.Count == 0)
            {
                return null;
            }

            Shelf shelf = _shelves[^1];
            Magazine* full = shelf.PopOldest();
            DepotSteps<RawWords>.TakeForDrain(ref _words, (nint)full);
            CountFullTaken(full);
            Unlist(shelf);
            return full;
        }
    }

    /// <summary>Keeps the magazines of a thread cache that is gone for other threads.</summary>
    public unsafe void Orphan(Shelf shelf)
    {
        using (_lock.Hold())
        {
            _shelves.EnsureCapacity(_shelves.Count + 1);
            while (shelf.Count > 0)
            {
                Put(_orphans, shelf.PopOldest());
            }

            Unlist(shelf);
        }
    }

    /// <summary>Gives back the memory of the empty magazines.</summary>
    public void FreeEmpties()
    {
        using (_lock.Hold())
        {
            FreeEmptiesLocked();
        }
    }
}
