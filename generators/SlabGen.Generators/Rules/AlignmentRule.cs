namespace SlabGen.Generators;

/// <summary>
/// The alignments that a slab can keep. Its first object starts at a page, so none is larger than the smallest page.
/// </summary>
internal static class AlignmentRule
{
    public const int Max = 4096;

    public static bool IsValid(int alignment) => alignment is >= 0 and <= Max && (alignment & (alignment - 1)) == 0;
}
