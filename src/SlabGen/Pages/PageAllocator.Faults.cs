namespace SlabGen;

// What is injected into the page layer.
public sealed partial class PageAllocator
{
    /// <summary>What is refused on purpose.</summary>
    internal SlabFaults Faults => _options.Faults;

    /// <summary>
    /// Asked before each block that is taken from the zones or mapped alone. It may be asked under locks.
    /// </summary>
    private bool FailsPages => Faults.Fails(FaultPoint.Pages);
}
