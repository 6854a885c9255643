using Microsoft.CodeAnalysis;

namespace SlabGen.Generators;

/// <summary>
/// Faults of a project's build settings, not of its code. The package's own targets report SLAB0302, because no
/// analyzer can be loaded there.
/// </summary>
internal static class BuildDescriptors
{
    public static readonly DiagnosticDescriptor InvalidProperty = Error(
        "SLAB0300",
        "An MSBuild property of SlabGen must have one of its values",
        "The MSBuild property '{0}' cannot be '{1}': it must be {2}");

    public static readonly DiagnosticDescriptor LanguageVersion = Error(
        "SLAB0301",
        "The generated code needs C# 13",
        "No slab cache can be generated in C# {0}: the generated code needs C# {1}, so set LangVersion to {1} or later, or remove it");

    private static DiagnosticDescriptor Error(string id, string title, string message) => new(
        id, title, message, category: "SlabGen.Build", DiagnosticSeverity.Error, isEnabledByDefault: true,
        helpLinkUri: HelpLink.To(id));
}
