using SlabGen.Tests.Concurrency;

namespace SlabGen.Tests.Generated;

/// <summary>A generated class has owners that live across await, with its hooks and its clearing, and can be emptied at once.</summary>
public sealed class OwnAndResetTests
{
    [Fact]
    public async Task An_owner_lives_across_await_and_frees_at_its_end()
    {
        using (SlabOwner<Fare> owner = FareCache.Own())
        {
            owner.Value = new Fare { Id = 1 };
            await Task.Delay(1, TestContext.Current.CancellationToken);
            await Task.Yield();
            owner.Value.Id++;
            Assert.Equal((2, 1), (owner.Value.Id, FareCache.Cache.Snapshot().LiveObjects));
        }

        Assert.Equal(0, FareCache.Cache.Snapshot().LiveObjects);
    }

    [Fact]
    public unsafe void Hooks_and_clearing_apply()
    {
        Permit.Log.Clear();
        SlabOwner<Permit> owner = PermitCache.Own();
        Assert.Equal(7, owner.Value.Number); // prepared, over zeros
        owner.Dispose();
        Assert.Equal(["init 0", "fini 7"], Permit.Log);
        Assert.Equal(0, PermitCache.Cache.Snapshot().LiveObjects);

        Permit.Refuses = true;
        Assert.Throws<OutOfMemoryException>(() => PermitCache.Own());
        Permit.Refuses = false;
        Assert.Equal(0, PermitCache.Cache.Snapshot().LiveObjects);

        SlabOwner<Pass> secret = PassCache.Own();
        secret.Value.Key = 42;
        Pass* where = secret.Pointer;
        secret.Dispose();
#pragma warning disable SLAB0102 // to look at what was freed is what the test is for
        Assert.Equal(0, where->Key); // in a magazine, and cleared
#pragma warning restore SLAB0102
        PassCache.Cache.Shrink();
    }

    [Fact]
    public void What_fini_throws_leaves_the_object_the_owners()
    {
        Permit.Log.Clear();
        SlabOwner<Permit> owner = PermitCache.Own();
        Permit.Throws = true;
        Assert.Equal("no", Assert.Throws<InvalidOperationException>(owner.Dispose).Message);
        Permit.Throws = false;
        Assert.Equal(7, owner.Value.Number);
        Assert.Equal(1, PermitCache.Cache.Snapshot().LiveObjects);
        owner.Dispose();
        Assert.Equal(0, PermitCache.Cache.Snapshot().LiveObjects);
    }

    [Fact]
    public void It_comes_by_extension_too()
    {
        using SlabOwner<Badge> owner = Badge.Own();
        owner.Value.Number = 3;
        Assert.Equal(1, BadgeCache.Cache.Snapshot().LiveObjects);
    }

    [Fact]
    public void Reset_frees_everything_without_fini_and_ends_handles()
    {
        Permit.Log.Clear();
        SlabHandle<Permit> handle = PermitCache.AllocHandle();
        var permits = new SlabPtr<Permit>[100];
        PermitCache.AllocBulk(permits);
        using PermitCache.Reservation reserved = PermitCache.Reserve(5);
        Permit.Log.Clear();
        Assert.Equal(106, PermitCache.Reset());
        Assert.Empty(Permit.Log);
        Assert.False(handle.IsLive);
        Assert.Throws<ObjectDisposedException>(() => reserved.Alloc());
        Assert.Equal(0, PermitCache.Cache.Snapshot().LiveObjects);
        PermitCache.Free(PermitCache.Alloc());
    }

    [Fact]
    public unsafe void Reset_clears_what_was_live_where_a_free_would()
    {
        SlabPtr<Pass> one = PassCache.Alloc();
        one.Value.Key = 0x5a5a5a5a5a5a5a5a;
        PassCache.Reset();
        SlabRuntime runtime = SlabRuntime.Default;
        PagePtr page = runtime.Pages.AllocPages(GfpFlags.Kernel, 0);
        Assert.Equal(-1, new Span<byte>((void*)page.Address, Environment.SystemPageSize).IndexOf((byte)0x5a));
        runtime.Pages.FreePages(page);
    }

    [Fact]
    public void A_single_threaded_class_refuses_a_second_thread()
    {
        SlabOwner<Solo>? owner = null;
        TestThreads.Run(1, _ => owner = SoloCache.Own());
        Assert.Throws<InvalidOperationException>(() => SoloCache.Own());
        Assert.Throws<InvalidOperationException>(() => SoloCache.Reset());
        owner!.Dispose(); // an owner is anybody's
        Assert.Equal(0, SoloCache.Cache.Snapshot().LiveObjects);
    }
}

[SlabCache]
internal struct Fare
{
    public int Id;
}

[SlabCache(Zeroing = SlabZeroing.OnAlloc, Handles = true, Mode = SlabMode.Fast)]
internal struct Permit
{
    public static readonly List<string> Log = [];
    public static bool Refuses, Throws;
    public int Number;

    [SlabInit]
    public bool Init()
    {
        Log.Add($"init {Number}");
        Number = 7;
        return !Refuses;
    }

    [SlabFini]
    public void Fini()
    {
        if (Throws)
        {
            throw new InvalidOperationException("no");
        }

        Log.Add($"fini {Number}");
        Number = 99;
    }
}

[SlabCache(Zeroing = SlabZeroing.OnFree, Mode = SlabMode.Fast)]
internal struct Pass
{
    public long Key;
}

[SlabCache(Extensions = true)]
internal struct Badge
{
    public int Number;
}

[SlabCache(SingleThreaded = true, Mode = SlabMode.Checked)]
internal struct Solo
{
    public int Number;
}
