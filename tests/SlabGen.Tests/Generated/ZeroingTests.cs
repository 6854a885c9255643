namespace SlabGen.Tests.Generated;

/// <summary>A class with Zeroing clears every object on the way that it names, also around hooks.</summary>
public sealed class ZeroingTests
{
    [Fact]
    public void OnAlloc_EveryAllocation_IsCleared()
    {
        var many = new SlabPtr<Cleared>[100];
        for (int round = 0; round < 2; round++) // the second gets what the first left
        {
            ClearedCache.AllocBulk(many);
            Assert.All(many, o => Assert.Equal(default, o.Value));
            foreach (SlabPtr<Cleared> obj in many)
            {
                obj.Value = new Cleared { First = -1, Last = 1 };
            }

            ClearedCache.FreeBulk(many);
        }

        AssertClearedAndFree(ClearedCache.Alloc());
        AssertClearedAndFree(ClearedCache.AllocZeroed());
        Assert.True(ClearedCache.TryAlloc(out SlabPtr<Cleared> tried));
        AssertClearedAndFree(tried);
        using (ClearedCache.Lease lease = ClearedCache.Rent())
        {
            Assert.Equal(default, lease.Value);
            lease.Value.Last = 1;
        }

        using ClearedCache.Reservation reserved = ClearedCache.Reserve(2);
        AssertClearedAndFree(reserved.Alloc());
    }

    private static void AssertClearedAndFree(SlabPtr<Cleared> obj)
    {
        Assert.Equal(default, obj.Value);
        obj.Value = new Cleared { First = -1, Last = 1 };
        ClearedCache.Free(obj);
    }

    [Fact]
    public void OnFree_NothingIsLeftToRead()
    {
        SlabPtr<Secret> secret = SecretCache.Alloc();
        secret.Value.Key = 7;
        SecretCache.Free(secret);
        Assert.Equal(7, Secret.LastKey); // Fini came before the clearing
        AssertNothingLeft(secret);

        using (SecretCache.Lease lease = SecretCache.Rent())
        {
            secret = lease.Pointer;
            lease.Value.Key = 8;
        }

        AssertNothingLeft(secret);

        var many = new SlabPtr<Secret>[100];
        SecretCache.AllocBulk(many);
        SecretCache.FreeBulk(many);
        Assert.All(many, AssertNothingLeft);
    }

    [Fact]
    public void OnFree_WhatInitRefused_IsClearedToo()
    {
        Secret.IsRefusing = true;
        try
        {
            Assert.False(SecretCache.TryAlloc(out _));
            AssertNothingLeft(new SlabPtr<Secret>(Secret.LastAddress));
            Assert.Throws<OutOfMemoryException>(() => SecretCache.AllocBulk(new SlabPtr<Secret>[3]));
            AssertNothingLeft(new SlabPtr<Secret>(Secret.LastAddress));
        }
        finally
        {
            Secret.IsRefusing = false;
        }
    }

    // Empty slabs are kept for a reap interval at least, so what was freed just now is still mapped.
    private static void AssertNothingLeft(SlabPtr<Secret> freed) => Assert.Equal(0, freed.Value.Key | freed.Value.Salt);
}

[SlabCache(Zeroing = SlabZeroing.OnAlloc)]
internal struct Cleared
{
    public long First;
    public byte Last;
}

[SlabCache(Zeroing = SlabZeroing.OnFree)]
internal struct Secret
{
    public long Key, Salt;

    public static bool IsRefusing { get; set; }

    public static long LastKey { get; private set; }

    public static nint LastAddress { get; private set; }

    [SlabInit]
    internal unsafe bool Init()
    {
        Salt = 99;
        fixed (Secret* self = &this)
        {
            LastAddress = (nint)self;
        }

        return !IsRefusing;
    }

    [SlabFini]
    internal void Fini() => LastKey = Key;
}
