namespace SlabGen;

// What is refused on purpose.
public sealed partial class SlabRuntime
{
    /// <summary>
    /// Fault injection into this runtime, so that a program's own paths for the case that memory runs out are tested.
    /// </summary>
    public SlabFaults Faults => _pages.Faults;
}
