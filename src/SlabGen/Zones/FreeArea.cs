namespace SlabGen.Zones;

/// <summary>The free blocks of one order: the kernel's <c>struct free_area</c>.</summary>
/// <remarks>
/// Blocks that hold memory come first in the list, cold ones last. So a block without memory is taken only when there
/// is no other of its order. The caller holds the zone's lock.
/// </remarks>
internal struct FreeArea
{
    /// <summary>
    /// The first and the last block, as frame indexes; <see cref="PageFrame.None"/> when there is none.
    /// </summary>
    public uint First, Last;

    /// <summary>The number of blocks (<c>nr_free</c>).</summary>
    public int Count;
}
