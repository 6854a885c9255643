namespace SlabGen.Tests.Generated;

/// <summary>
/// Methods with [SlabInit] and [SlabFini] run once to an allocation and a free, and whatever they refuse or throw loses no
/// object. The cache is of the process's runtime; only this class uses it, one test at a time.
/// </summary>
public sealed class HookTests
{
    private const int Many = 1000;

    public HookTests() => Connection.Log.Reset();

    [Fact]
    public void Init_RunsOnEveryAllocation_AndFiniOnEveryFree()
    {
        SlabPtr<Connection> one = ConnectionCache.Alloc();
        Assert.True(ConnectionCache.TryAlloc(out SlabPtr<Connection> two));
        SlabPtr<Connection> zeroed = ConnectionCache.AllocZeroed();
        Assert.Equal([one, two, zeroed], Connection.Log.Inits);
        Assert.All([one, two, zeroed], c => Assert.Equal(Connection.Open, c.Value.State));
        Assert.Equal(0, zeroed.Value.Payload); // cleared before, not after

        ConnectionCache.Free(two);
        ConnectionCache.FreeBulk([one, zeroed]);
        Assert.Equal([two, one, zeroed], Connection.Log.Finis);

        var many = new SlabPtr<Connection>[Many];
        ConnectionCache.AllocBulk(many);
        Assert.Equal(many, Connection.Log.Inits.Skip(3));
        ConnectionCache.FreeBulk(many);
        Assert.Equal(many, Connection.Log.Finis.Skip(3));
        AssertNoneLive();
    }

    [Fact]
    public void TryAllocBulk_is_all_or_nothing_where_init_refuses()
    {
        var many = new SlabPtr<Connection>[Many];
        Assert.True(ConnectionCache.TryAllocBulk(many));
        Assert.Equal(many, Connection.Log.Inits);
        ConnectionCache.FreeBulk(many);
        Connection.Log.Reset();

        Connection.Log.RefuseAt = 3;
        Assert.False(ConnectionCache.TryAllocBulk(many));
        Assert.Equal(new SlabPtr<Connection>[Many], many);
        Assert.Equal(Connection.Log.Inits.Take(3), Connection.Log.Finis);
        AssertNoneLive();
    }

    [Fact]
    public void ALease_IsInitialisedAndFinished()
    {
        using (ConnectionCache.Lease lease = ConnectionCache.Rent())
        {
            Assert.Equal(Connection.Open, lease.Value.State);
        }

        Assert.Equal(Connection.Log.Inits, Connection.Log.Finis);
        AssertNoneLive();
    }

    [Fact]
    public void AReservation_InitialisesWhatIsTaken_AndNothingElse()
    {
        using (ConnectionCache.Reservation reserved = ConnectionCache.Reserve(5))
        {
            Assert.Empty(Connection.Log.Inits);
            SlabPtr<Connection> taken = reserved.Alloc();
            Assert.Equal([taken], Connection.Log.Inits);
            Assert.Equal(4, reserved.Remaining);
            ConnectionCache.Free(taken);

            Connection.Log.RefuseAt = 1;
            Assert.Throws<OutOfMemoryException>(() => reserved.Alloc());
            Assert.Equal(3, reserved.Remaining);
        }

        Assert.Single(Connection.Log.Finis);
        AssertNoneLive();
    }

    [Fact]
    public void WhatInitRefuses_GoesBackWithoutFini()
    {
        Connection.Log.RefuseAt = 0;
        OutOfMemoryException error = Assert.Throws<OutOfMemoryException>(() => ConnectionCache.Alloc());
        Assert.Contains("'Connection'", error.Message, StringComparison.Ordinal);
        Assert.Contains("[SlabInit]", error.Message, StringComparison.Ordinal);
        Assert.Throws<OutOfMemoryException>(() => ConnectionCache.AllocZeroed());
        Assert.Throws<OutOfMemoryException>(() => ConnectionCache.Rent().Dispose());
        Assert.False(ConnectionCache.TryAlloc(out SlabPtr<Connection> result));
        Assert.True(result.IsNull);
        Assert.Empty(Connection.Log.Finis);
        AssertNoneLive();
    }

    [Fact]
    public void WhatInitThrows_ComesOut_AndTheObjectGoesBack()
    {
        (Connection.Log.RefuseAt, Connection.Log.InitThrows) = (0, true);
        Assert.Equal("init", Assert.Throws<FormatException>(() => ConnectionCache.Alloc()).Message);
        Assert.Throws<FormatException>(() => ConnectionCache.AllocZeroed());
        Assert.Throws<FormatException>(() => ConnectionCache.TryAlloc(out _));
        Assert.Empty(Connection.Log.Finis);
        AssertNoneLive();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void AllocBulk_IsAllOrNothing(bool throws)
    {
        (Connection.Log.RefuseAt, Connection.Log.InitThrows) = (Many / 2, throws);
        var many = new SlabPtr<Connection>[Many];
        if (throws)
        {
            Assert.Throws<FormatException>(() => ConnectionCache.AllocBulk(many));
        }
        else
        {
            Assert.Contains($"{Many} object(s)", Assert.Throws<OutOfMemoryException>(() => ConnectionCache.AllocBulk(many)).Message, StringComparison.Ordinal);
        }

        Assert.All(many, c => Assert.True(c.IsNull));
        Assert.Equal(Many / 2, Connection.Log.Finis.Count);
        Assert.Equal(Connection.Log.Inits, Connection.Log.Finis);
        AssertNoneLive();
    }

    [Fact]
    public void AllocBulk_GivesBackEverything_ThoughFiniThrows()
    {
        (Connection.Log.RefuseAt, Connection.Log.FiniThrowsAt) = (Many / 2, 3);
        var many = new SlabPtr<Connection>[Many];
        Assert.Equal("fini", Assert.Throws<FormatException>(() => ConnectionCache.AllocBulk(many)).Message);
        Assert.Equal((Many / 2) - 1, Connection.Log.Finis.Count); // all others were finished
        AssertNoneLive();
    }

    [Fact]
    public void WhatFiniThrows_LeavesTheObjectTheCaller_s()
    {
        SlabPtr<Connection> connection = ConnectionCache.Alloc();
        Connection.Log.FiniThrowsAt = 0;
        Assert.Equal("fini", Assert.Throws<FormatException>(() => ConnectionCache.Free(connection)).Message);
        Assert.Equal(1, ConnectionCache.Cache.Snapshot().LiveObjects);
        ConnectionCache.Free(connection);
        AssertNoneLive();
    }

    [Fact]
    public void ALease_KeepsWhatFiniThrewOn()
    {
        ConnectionCache.Lease lease = ConnectionCache.Rent();
        Connection.Log.FiniThrowsAt = 0;
        bool thrown = false;
        try
        {
            lease.Dispose();
        }
        catch (FormatException)
        {
            thrown = true;
        }

        Assert.True(thrown);
        Assert.False(lease.Pointer.IsNull);
        lease.Dispose();
        Assert.True(lease.Pointer.IsNull);
        lease.Dispose();
        Assert.Single(Connection.Log.Finis);
        AssertNoneLive();
    }

    [Fact]
    public void FreeBulk_FreesAllOthers()
    {
        var many = new SlabPtr<Connection>[Many];
        ConnectionCache.AllocBulk(many);
        Connection.Log.FiniThrowsAt = 7;
        Assert.Equal("fini", Assert.Throws<FormatException>(() => ConnectionCache.FreeBulk(many)).Message);
        Assert.Equal(1, ConnectionCache.Cache.Snapshot().LiveObjects);
        ConnectionCache.Free(many[7]);
        AssertNoneLive();
    }

    [Fact]
    public void Null_IsRefusedByTheCache_AndReachesNoHook()
    {
        Assert.Equal(SlabFault.NullPointer, Assert.Throws<SlabException>(() => ConnectionCache.Free(default)).Fault);
        Assert.Empty(Connection.Log.Finis);
    }

    private static void AssertNoneLive() => Assert.Equal(0, ConnectionCache.Cache.Snapshot().LiveObjects);
}

[SlabCache]
internal struct Connection
{
    public const int Open = 0x0be1, Closed = 0xc1;

    public int State;
    public long Payload;

    private readonly unsafe SlabPtr<Connection> Self
    {
        get
        {
            fixed (Connection* self = &this) // it does not move: the address stays right
            {
                return self;
            }
        }
    }

    [SlabInit]
    internal bool Init()
    {
        if (Log.Inits.Count == Log.RefuseAt)
        {
            return Log.InitThrows ? throw new FormatException("init") : false;
        }

        State = Open;
        Log.Inits.Add(Self);
        return true;
    }

    [SlabFini]
    internal void Fini()
    {
        if (Log.Finis.Count == Log.FiniThrowsAt)
        {
            Log.FiniThrowsAt = -1; // once
            throw new FormatException("fini");
        }

        Assert.Equal(Open, State);
        (State, Payload) = (Closed, -1);
        Log.Finis.Add(Self);
    }

    /// <summary>What the hooks did, and what they shall do.</summary>
    internal static class Log
    {
        public static List<SlabPtr<Connection>> Inits { get; } = [];

        public static List<SlabPtr<Connection>> Finis { get; } = [];

        /// <summary>How many objects Init makes ready before it refuses one; -1 for all.</summary>
        public static int RefuseAt { get; set; }

        public static bool InitThrows { get; set; }

        /// <summary>How many objects Fini ends before it throws, once; -1 for all.</summary>
        public static int FiniThrowsAt { get; set; }

        public static void Reset()
        {
            Inits.Clear();
            Finis.Clear();
            (RefuseAt, InitThrows, FiniThrowsAt) = (-1, false, -1);
        }
    }
}
