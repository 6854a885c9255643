namespace SlabGen.Collections.Tests;

/// <summary>A runtime for one test, at whose end nothing may be left: what a collection did not give back is a failure.</summary>
internal sealed class World : IDisposable
{
    public World(bool isChecked, long accountLimit = long.MaxValue)
    {
        Runtime = new SlabRuntime(new SlabRuntimeOptions
        {
            MemoryLimit = 256 << 20,
            Checked = isChecked,
            ReapInterval = Timeout.InfiniteTimeSpan,
        });
        Account = new SlabAccount("test", accountLimit);
        Memory = Runtime.CreateKmalloc("test", Account);
    }

    public SlabRuntime Runtime { get; }

    public SlabAccount Account { get; }

    public Kmalloc Memory { get; }

    /// <summary>Blocks that nobody freed.</summary>
    public long LiveBlocks => Memory.Snapshot().LiveBlocks;

    public void Dispose()
    {
        LeakReport leaks = Memory.Destroy();
        ValidationReport health = Runtime.Validate();
        Runtime.Dispose();
        Assert.True(leaks.IsClean, leaks.ToString());
        Assert.True(health.IsClean, health.ToString());
    }
}

/// <summary>Lets the n-th allocation of the collections fail that this thread asks for, and all that follow if it says so.</summary>
internal sealed class FailAllocations : IDisposable
{
    [ThreadStatic]
    private static FailAllocations? t_current;

    private readonly int _nth;
    private readonly bool _fromThenOn;
    private int _asked;

    static FailAllocations() => SlabCollection.Fails = static () => t_current is { } current && current.Fails();

    public FailAllocations(int nth, bool fromThenOn = false)
    {
        (_nth, _fromThenOn) = (nth, fromThenOn);
        t_current = this;
    }

    /// <summary>Is called inside each allocation.</summary>
    public Action? WhenAsked { get; init; }

    /// <summary>Whether one failed.</summary>
    public bool HasFailed => _asked > _nth;

    public void Dispose() => t_current = null;

    private bool Fails()
    {
        WhenAsked?.Invoke();
        int number = _asked++;
        return number == _nth || (_fromThenOn && number > _nth);
    }
}
