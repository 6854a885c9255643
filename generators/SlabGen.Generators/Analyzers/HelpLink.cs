using System.Reflection;

namespace SlabGen.Generators;

/// <summary>Where a diagnostic is explained.</summary>
internal static class HelpLink
{
    // The build says where the pages are, in one place for everything that has links.
    private static readonly string s_pages = typeof(HelpLink).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .First(static data => data.Key == "PagesUrl").Value!;

    /// <summary>The anchor of the heading <c>## SLAB0001</c>.</summary>
    public static string To(string id) => s_pages + "generators/README.md#" + id.ToLowerInvariant();
}
