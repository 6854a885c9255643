using System.Collections.Immutable;
using Microsoft.CodeAnalysis;

namespace SlabGen.Generators;

/// <summary>The names that <c>extern alias</c> gives to references.</summary>
internal static class ReferenceAlias
{
    /// <summary>What comes before <c>::</c> to name a type of the assembly; null for <c>global</c>.</summary>
    public static string? Of(IAssemblySymbol? assembly, Compilation compilation) =>
        assembly is not null
        && compilation.GetMetadataReference(assembly)?.Properties.Aliases is { IsDefaultOrEmpty: false } aliases
        && !aliases.Contains(MetadataReferenceProperties.GlobalAlias)
            ? aliases[0]
            : null;
}
