namespace SlabGen;

/// <summary>
/// What a debugger shows for a runtime. It leaves out <see cref="SlabRuntime.Kmalloc"/>, because a look would make its
/// caches.
/// </summary>
internal sealed class SlabRuntimeDebugView(SlabRuntime runtime)
{
    public long MemoryLimit => runtime.MemoryLimit;

    public long CommittedBytes => runtime.CommittedBytes;

    public long PeakCommittedBytes => runtime.PeakCommittedBytes;

    public KmemCache[] Caches => [.. runtime.Caches];

    public Zone[] Zones => [.. runtime.Pages.Zones];
}
