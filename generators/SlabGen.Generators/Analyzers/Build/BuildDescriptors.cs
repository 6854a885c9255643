using Microsoft.CodeAnalysis;

namespace SlabGen.Generators;

/// <summary>What a project's build settings, and not its code, do wrong. SLAB0302 is reported by the package's own targets, where no analyzer can be loaded.</summary>
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
        id, title, message, category: "SlabGen.Build", DiagnosticSeverity.Error, isEnabledByDefault: true, helpLinkUri: HelpLink.To(id));
}
