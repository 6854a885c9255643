using Microsoft.CodeAnalysis;

namespace SlabGen.Generators;

/// <summary>
/// Rules about habits: code that works but has a better form. They are suggestions and break no build.
/// </summary>
internal static class HabitDescriptors
{
    public static readonly DiagnosticDescriptor OtherAllocation = Suggestion(
        "SLAB0200",
        "A single object of a type with a slab cache can come from that cache",
        "One '{0}' is allocated outside its slab cache: '{1}.Alloc' is faster");

    public static readonly DiagnosticDescriptor BulkLoop = Suggestion(
        "SLAB0201",
        "A loop of single calls can be one call",
        "The loop calls '{0}.{1}' once for each element: '{1}Bulk' does it for all of them");

    public static readonly DiagnosticDescriptor ComparedToNull = Suggestion(
        "SLAB0202",
        "A pointer should be tested for null with IsNull",
        "'{0}' is compared to null through a plain pointer: 'IsNull' says the same");

    private static DiagnosticDescriptor Suggestion(string id, string title, string message) => new(
        id, title, message, category: "SlabGen.Habit", DiagnosticSeverity.Info, isEnabledByDefault: true,
        helpLinkUri: HelpLink.To(id));
}
