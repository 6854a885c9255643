namespace SlabGen.Generators;

/// <summary>The runtime's <c>SlabZeroing</c>, with its values.</summary>
internal enum Zeroing
{
    None,
    OnAlloc,
    OnFree,
}
