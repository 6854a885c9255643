using System.Runtime.InteropServices;
using SlabGen.Tests.Generated;

namespace SlabGen.Tests.Slabs;

/// <summary>Objects whose type is known only at run time are constructed and destructed by delegates, and by functions of another language.</summary>
public sealed unsafe class RunTimeTypesTests
{
    private static int s_constructed, s_destructed;

    [Fact]
    public void Delegates_get_each_object_and_their_state()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(64);
        var counts = new int[2];
        KmemCache cache = runtime.CreateCache(
            "delegates", 48, new SlabCacheOptions { Order = 0 },
            static (address, state) =>
            {
                *(int*)address = ++((int[])state!)[0];
                return true;
            },
            static (_, state) => ((int[])state!)[1]++,
            counts);
        nint one = cache.Alloc();
        Assert.True(*(int*)one > 0);
        Assert.Throws<InvalidOperationException>(() => cache.AllocZeroed());
        cache.Free(one);
        cache.Shrink();
        Assert.Equal(counts[0], counts[1]);
        Assert.True(counts[0] > 1);
    }

    [Fact]
    public void A_constructor_that_refuses_or_throws_fails_the_allocation_and_one_of_the_two_may_be_missing()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(64);
        KmemCache refusing = runtime.CreateCache("refusing", 64, null, static (_, _) => false);
        Assert.False(refusing.TryAlloc(out _));
        KmemCache throwing = runtime.CreateCache("throwing", 64, null, static (_, _) => throw new FormatException());
        Assert.Throws<FormatException>(() => throwing.Alloc());
        int ended = 0;
        KmemCache ending = runtime.CreateCache("ending", 64, null, construct: null, (_, _) => ended++);
        ending.Free(ending.Alloc());
        ending.Shrink();
        Assert.True(ended > 0);
        KmemCache plain = runtime.CreateCache("plain", 64, null, (Func<nint, object?, bool>?)null);
        plain.Free(plain.AllocZeroed()); // no constructor: it may be cleared
    }

    [Fact]
    public void Functions_of_another_language_get_each_object_and_their_state()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(64);
        KmemCache cache = runtime.CreateCache("functions", 48, null, &Construct, &Destruct, state: 5);
        nint one = cache.Alloc();
        Assert.Equal(5, *(nint*)one);
        cache.Free(one);
        cache.Shrink();
        Assert.Equal(s_constructed, s_destructed);
        Assert.True(s_constructed > 0);
        KmemCache refusing = runtime.CreateCache("refused", 48, null, &Refuse, null);
        Assert.False(refusing.TryAlloc(out _));
    }

    [UnmanagedCallersOnly]
    private static int Construct(nint address, nint state)
    {
        s_constructed++;
        *(nint*)address = state;
        return 0;
    }

    [UnmanagedCallersOnly]
    private static void Destruct(nint address, nint state) => s_destructed += state == 5 && *(nint*)address == 5 ? 1 : 0;

    [UnmanagedCallersOnly]
    private static int Refuse(nint address, nint state) => 12; // ENOMEM
}
