namespace SlabGen.Slabs;

/// <summary>
/// A freed pointer that is no object to take back, and the reason; <see langword="default"/> for none.
/// </summary>
internal readonly record struct BadPointer(SlabFault Fault, nint Address)
{
    public bool IsNone => Fault == SlabFault.None;

    /// <summary>This one, or the other if this is none. Of several bad pointers the first is reported.</summary>
    public BadPointer Or(BadPointer other) => IsNone ? other : this;
}
