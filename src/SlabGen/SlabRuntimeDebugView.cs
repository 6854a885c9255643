namespace SlabGen;

/// <summary>What a debugger shows of a runtime: all but <see cref="SlabRuntime.Kmalloc"/>, whose caches a look would make.</summary>
internal sealed class SlabRuntimeDebugView(SlabRuntime runtime)
{
    public long MemoryLimit => runtime.MemoryLimit;

    public long CommittedBytes => runtime.CommittedBytes;

    public long PeakCommittedBytes => runtime.PeakCommittedBytes;

    public KmemCache[] Caches => [.. runtime.Caches];

    public Zone[] Zones => [.. runtime.Pages.Zones];
}
