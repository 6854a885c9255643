using System.Collections.Concurrent;
using SlabGen.Tests.Concurrency;

namespace SlabGen.Tests.Generated;

[SlabCache]
internal struct Tick
{
    public long Sequence;
}

[SlabCache(Mode = SlabMode.Checked)]
internal struct CheckedTick
{
    public long Sequence;
}

[SlabCache(Zeroing = SlabZeroing.OnAlloc)]
internal struct CountedTick
{
    public long Sequence;
    internal static int s_inits, s_finis;

    [SlabInit]
    internal void Init() => s_inits++;

    [SlabFini]
    internal void Fini() => s_finis++;
}

[SlabCache(SingleThreaded = true)]
internal struct LoneTick
{
    public long Sequence;
}

/// <summary>A generated class's <c>Local</c> is the class with the look-up done: the same objects, hooks and errors.</summary>
public sealed class LocalTests
{
    [Fact]
    public void ALocal_AllocatesAndFrees_WhatTheClassDoes()
    {
        TickCache.Local local = TickCache.OpenLocal();
        SlabPtr<Tick> tick = local.Alloc();
        tick.Value.Sequence = 7;
        TickCache.Free(tick);
        Assert.Equal(tick, local.Alloc()); // the magazine is one
        Assert.True(local.TryAlloc(out SlabPtr<Tick> second));
        Assert.NotEqual(tick, second);
        local.Free(tick);
        local.Free(second);
        Assert.Equal(0, TickCache.Cache.Snapshot().LiveObjects);
    }

    [Fact]
    public void TheDefaultLocal_WorksToo()
    {
        CheckedTickCache.Local local = default;
        SlabPtr<CheckedTick> tick = local.Alloc();
        local.Free(tick);
        Assert.True(local.TryAlloc(out tick));
        local.Free(tick);
    }

    [Fact]
    public void InCheckedMode_ADoubleFreeIsFoundAtOnce()
    {
        CheckedTickCache.Local local = CheckedTickCache.OpenLocal();
        SlabPtr<CheckedTick> tick = local.Alloc();
        local.Free(tick);
        SlabException? thrown = null;
        try
        {
            local.Free(tick);
        }
        catch (SlabException error)
        {
            thrown = error;
        }

        Assert.Equal(SlabFault.DoubleFree, thrown?.Fault);
    }

    [Fact]
    public void HooksAndZeroing_RunAsInTheClass()
    {
        CountedTickCache.Local local = CountedTickCache.OpenLocal();
        (int inits, int finis) = (CountedTick.s_inits, CountedTick.s_finis);
        SlabPtr<CountedTick> tick = local.Alloc();
        tick.Value.Sequence = 5;
        local.Free(tick);
        Assert.True(local.TryAlloc(out tick));
        Assert.Equal(0, tick.Value.Sequence);
        local.Free(tick);
        Assert.Equal((inits + 2, finis + 2), (CountedTick.s_inits, CountedTick.s_finis));
    }

    [Fact]
    public void OfASingleThreadedClass_AnotherThreadGetsNone()
    {
        LoneTickCache.Local local = LoneTickCache.OpenLocal();
        local.Free(local.Alloc());
        TestThreads.Run(1, _ => Assert.Throws<InvalidOperationException>(() => LoneTickCache.Free(LoneTickCache.OpenLocal().Alloc())));
    }

    [Fact]
    public void WhileOthersShrinkTheCache_NothingIsLostOrHandedOutTwice()
    {
        using var stop = new CancellationTokenSource();
        var revoker = new Thread(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                TickCache.Cache.Shrink();
            }
        });
        revoker.Start();
        var live = new ConcurrentDictionary<nint, int>();
        try
        {
            TestThreads.Run(2, number =>
            {
                TickCache.Local local = TickCache.OpenLocal();
                Span<SlabPtr<Tick>> held = stackalloc SlabPtr<Tick>[40];
                for (int round = 0; round < 20_000; round++)
                {
                    int count = (round % held.Length) + 1;
                    for (int i = 0; i < count; i++)
                    {
                        held[i] = local.Alloc();
                        Assert.True(live.TryAdd(held[i].Address, number));
                    }

                    for (int i = 0; i < count; i++)
                    {
                        Assert.True(live.TryRemove(new KeyValuePair<nint, int>(held[i].Address, number)));
                        local.Free(held[i]);
                    }
                }
            });
        }
        finally
        {
            stop.Cancel();
            revoker.Join();
        }

        Assert.Equal(0, TickCache.Cache.Snapshot().LiveObjects);
    }
}
