namespace SlabGen.Collections.Chains;

/// <summary>The head of a segment in a stack's chain. Behind it lie the items.</summary>
internal unsafe struct StackSegment
{
    public StackSegment* Below;
    public long Bytes; // of the block
}
