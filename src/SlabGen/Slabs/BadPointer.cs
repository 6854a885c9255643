namespace SlabGen.Slabs;

/// <summary>A pointer that was freed and is not an object to take back, and why; <see langword="default"/> for none.</summary>
internal readonly record struct BadPointer(SlabFault Fault, nint Address)
{
    public bool IsNone => Fault == SlabFault.None;

    /// <summary>This one, or if it is none the other: of several the first is told.</summary>
    public BadPointer Or(BadPointer other) => IsNone ? other : this;
}
