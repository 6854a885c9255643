using SlabGen.Tests.Generated;

namespace SlabGen.Tests.Reclaim;

/// <summary>A shrinker that notes what it is asked, and frees all that it scans unless a test says otherwise.</summary>
internal sealed class TestShrinker(string name = "test", int seeks = Shrinker.DefaultSeeks, long batch = Shrinker.DefaultBatch)
    : Shrinker(name, seeks, batch)
{
    public delegate long ScanBody(ref ShrinkControl control);

    /// <summary>The objects it says it could free.</summary>
    public long Freeable { get; set; }

    public Action? OnCount { get; set; }

    public ScanBody? OnScan { get; set; }

    /// <summary>The control of every scan, as it came.</summary>
    public List<ShrinkControl> Scans { get; } = [];

    /// <summary>The sizes of the scans since the last call of this.</summary>
    public long[] TakeScanSizes()
    {
        long[] sizes = [.. Scans.Select(s => s.ToScan)];
        Scans.Clear();
        return sizes;
    }

    /// <summary>The work deferred on a node, which stays.</summary>
    public long Deferred(int node = 0)
    {
        long deferred = TakeDeferred(node);
        Defer(node, deferred);
        return deferred;
    }

    protected internal override long CountObjects(in ShrinkControl control)
    {
        OnCount?.Invoke();
        return Freeable;
    }

    protected internal override long ScanObjects(ref ShrinkControl control)
    {
        Scans.Add(control);
        return OnScan is null ? control.ToScan : OnScan(ref control);
    }
}
