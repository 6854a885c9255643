namespace SlabGen.Tests.Generated;

/// <summary>What a request says goes to the cache, and hooks and clearing stand around its objects as around others.</summary>
public sealed class GfpTests
{
    [Fact]
    public void Flags_ReachTheCache()
    {
        SlabPtr<Plain> plain = PlainCache.Alloc(GfpFlags.Kernel);
        plain.Value.First = -1;
        PlainCache.Free(plain);
        SlabPtr<Plain> again = PlainCache.Alloc(GfpFlags.Kernel | GfpFlags.Zero);
        Assert.Equal((plain, 0), (again, again.Value.First)); // last in, first out
        Assert.True(PlainCache.TryAlloc(GfpFlags.Atomic, out SlabPtr<Plain> other, node: 0));
        Assert.NotEqual(again, other);
        PlainCache.FreeBulk([again, other]);
        Assert.Equal(0, PlainCache.Cache.Snapshot().LiveObjects);
    }

    [Fact]
    public void ABadRequest_IsRefused()
    {
        Assert.Throws<ArgumentException>(() => PlainCache.Alloc(GfpFlags.Kernel | GfpFlags.Dma32));
        Assert.Throws<ArgumentException>(() => PlainCache.TryAlloc(GfpFlags.NoFail, out _));
        Assert.Throws<ArgumentOutOfRangeException>(() => PlainCache.Alloc(GfpFlags.Kernel, node: 1000));
        Assert.Throws<InvalidOperationException>(() => TokenCache.Alloc(GfpFlags.Kernel | GfpFlags.Zero)); // it has a constructor
    }

    [Fact]
    public void Init_IsCalled_AndMayRefuse()
    {
        SlabPtr<Token> one = TokenCache.Alloc(GfpFlags.Kernel);
        Assert.True(TokenCache.TryAlloc(GfpFlags.NoWait, out SlabPtr<Token> two));
        Assert.Equal((Token.Ready, Token.Ready), (one.Value.State, two.Value.State));

        Token.Refuses = true;
        Assert.Throws<OutOfMemoryException>(() => TokenCache.Alloc(GfpFlags.Kernel));
        Assert.False(TokenCache.TryAlloc(GfpFlags.Kernel, out SlabPtr<Token> none));
        Assert.True(none.IsNull);
        Token.Refuses = false;
        TokenCache.FreeBulk([one, two]);
        Assert.Equal(0, TokenCache.Cache.Snapshot().LiveObjects);
    }

    [Fact]
    public void Zeroing_OnAlloc_ClearsWhatARequestGets()
    {
        SlabPtr<Blank> blank = BlankCache.Alloc();
        blank.Value.First = -1;
        BlankCache.Free(blank);
        Assert.Equal((blank, 0), (BlankCache.Alloc(GfpFlags.Atomic), blank.Value.First));
        BlankCache.Free(blank);
    }

    [Fact]
    public void FreeDeferred_FreesAfterAGracePeriod()
    {
        SlabPtr<Deferred> deferred = DeferredCache.Alloc();
        long waiting;
        using (Rcu.Read())
        {
            DeferredCache.FreeDeferred(deferred);
            waiting = DeferredCache.Cache.Snapshot().DeferredObjects;
        }

        Rcu.Barrier();
        Assert.Equal((1, 0), (waiting, DeferredCache.Cache.Snapshot().DeferredObjects));
        Assert.Equal(SlabFault.NullPointer, Assert.Throws<SlabException>(() => DeferredCache.FreeDeferred(default)).Fault);
    }
}

[SlabCache]
internal struct Plain
{
    public long First;
}

[SlabCache(Zeroing = SlabZeroing.OnAlloc)]
internal struct Blank
{
    public long First;
}

[SlabCache]
internal struct Deferred
{
    public long First;
}

[SlabCache]
internal struct Token
{
    public const int Ready = 7;

    public int State;

    public static bool Refuses { get; set; }

    [SlabConstructor]
    internal void Construct() => State = 0;

    [SlabInit]
    internal bool Init()
    {
        State = Ready;
        return !Refuses;
    }
}
