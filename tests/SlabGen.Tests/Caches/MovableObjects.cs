using SlabGen.Tests.Generated;

namespace SlabGen.Tests.Caches;

/// <summary>
/// What a user of movable objects keeps: a table that is the one reference to each of them. An object bears its key over its
/// whole size, so that one that was lost, copied wrongly or handed out twice shows. Any thread may call anything.
/// </summary>
internal sealed unsafe class MovableObjects
{
    private readonly KmemCache _cache;
    private readonly Lock _lock = new();
    private readonly Dictionary<long, nint> _table = [];
    private long _keys;

    public MovableObjects(KmemCache cache)
    {
        _cache = cache;
        cache.SetMove(Move);
    }

    /// <summary>What to reply for an object that is known, after counting the call.</summary>
    public Func<long, SlabMoveReply> Reply { get; set; } = _ => SlabMoveReply.Yes;

    /// <summary>The keys that were asked for, in order; 0 for an object that is not known.</summary>
    public List<long> Asked { get; } = [];

    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _table.Count;
            }
        }
    }

    public long[] Keys
    {
        get
        {
            lock (_lock)
            {
                return [.. _table.Keys];
            }
        }
    }

    public nint AddressOf(long key)
    {
        lock (_lock)
        {
            return _table[key];
        }
    }

    /// <returns>The key, or 0 when there is no memory.</returns>
    public long Alloc()
    {
        if (!_cache.TryAlloc(out nint address))
        {
            return 0;
        }

        lock (_lock)
        {
            long key = ++_keys;
            Words(address).Fill(key);
            _table.Add(key, address);
            return key;
        }
    }

    public void Free(long key) => _cache.Free(Forget(key));

    /// <summary>Takes an object out of the table, to be freed by the caller.</summary>
    public nint Forget(long key)
    {
        lock (_lock)
        {
            Assert.True(_table.Remove(key, out nint address));
            Check(key, address);
            return address;
        }
    }

    /// <summary>Allocates so many objects and frees all but one in <paramref name="oneIn"/>, at random.</summary>
    public void MakeSparse(int count, int oneIn, int seed = 1)
    {
        long[] keys = new long[count];
        for (int i = 0; i < count; i++)
        {
            Assert.NotEqual(0, keys[i] = Alloc());
        }

        new Random(seed).Shuffle(keys);
        Array.ForEach(keys[(count / oneIn)..], Free);
    }

    public void CheckAll()
    {
        lock (_lock)
        {
            Assert.Equal(_table.Count, _table.Values.Distinct().Count());
            foreach ((long key, nint address) in _table)
            {
                Check(key, address);
                Assert.Equal(SlabFault.None, _cache.Slabs.Check(address));
            }
        }
    }

    public void FreeAll() => Array.ForEach(Keys, Free);

    private SlabMoveReply Move(nint from, nint to)
    {
        lock (_lock)
        {
            long key = Words(from)[0];
            bool known = _table.TryGetValue(key, out nint address) && address == from;
            Asked.Add(known ? key : 0);
            if (!known)
            {
                return SlabMoveReply.DontKnow;
            }

            Check(key, from);
            SlabMoveReply reply = Reply(key);
            if (reply == SlabMoveReply.Yes)
            {
                Words(from).CopyTo(Words(to));
                Words(from).Clear();
                _table[key] = to;
            }
            else if (reply == SlabMoveReply.DontNeed)
            {
                _table.Remove(key);
            }

            return reply;
        }
    }

    private void Check(long key, nint address) => Assert.True(Words(address).IndexOfAnyExcept(key) < 0, $"Object {key} at 0x{address:x} has other contents.");

    private Span<long> Words(nint address) => new((void*)address, _cache.ObjectSize / sizeof(long));
}
