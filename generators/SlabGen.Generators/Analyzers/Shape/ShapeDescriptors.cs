using Microsoft.CodeAnalysis;

namespace SlabGen.Generators;

/// <summary>
/// Rules about a struct's shape that do not stop the generator. The cache works, or fails when it is made.
/// </summary>
internal static class ShapeDescriptors
{
    public static readonly DiagnosticDescriptor Empty = Rule(
        "SLAB0050",
        DiagnosticSeverity.Info,
        "A struct with a slab cache should have fields",
        "'{0}' has no fields: an object of its slab cache holds nothing");

    public static readonly DiagnosticDescriptor TooLarge = Rule(
        "SLAB0051",
        DiagnosticSeverity.Warning,
        "An object must fit into the largest slab",
        "'{0}' has {1} bytes, more than the {2} bytes of the largest slab with pages of 4 KiB: its cache cannot be created");

    public static readonly DiagnosticDescriptor Padding = Rule(
        "SLAB0052",
        DiagnosticSeverity.Info,
        "The order of the fields wastes memory",
        "'{0}' has {1} bytes, {2} of them padding; with its fields in the order {3} it has {4}");

    public static readonly DiagnosticDescriptor FalseSharing = Rule(
        "SLAB0053",
        DiagnosticSeverity.Info,
        "Objects that several threads write should not share a cache line",
        "'{0}.{1}' is written by several threads, and an object of '{0}' shares its cache line with others: [SlabCache(Alignment = 64)] keeps them apart");

    public static readonly DiagnosticDescriptor HighMem = Rule(
        "SLAB0054",
        DiagnosticSeverity.Warning,
        "The default runtime has no pages in HighMem",
        "The slab cache of '{0}' uses SlabRuntime.Default, which has no pages in HighMem: all its slabs will lie in lower zones");

    private static DiagnosticDescriptor Rule(string id, DiagnosticSeverity severity, string title, string message) =>
        new(
        id, title, message, category: "SlabGen", severity, isEnabledByDefault: true, helpLinkUri: HelpLink.To(id));
}
