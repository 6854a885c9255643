namespace SlabGen.Generators;

/// <summary>Where a diagnostic is explained.</summary>
internal static class HelpLink
{
    /// <summary>GitHub's anchor of the heading <c>## SLAB0001</c>.</summary>
    public static string To(string id) => "https://github.com/slabgen/slabgen/blob/main/generators/README.md#" + id.ToLowerInvariant();
}
