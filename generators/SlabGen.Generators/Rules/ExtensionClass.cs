using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace SlabGen.Generators;

/// <summary>
/// The class with a struct's extension members. It cannot be the cache's own class, for two reasons. A class with
/// extension members must not be generic. And each extension member is also a method of its class, with the very name
/// and parameters of the cache's own method.
/// </summary>
internal static class ExtensionClass
{
    /// <summary>
    /// The name. It contains the number of type parameters, because the classes of all arities would otherwise have the
    /// same name.
    /// </summary>
    public static string NameFor(INamedTypeSymbol type, string className) =>
        className + (CacheClassName.ArityOf(type) is > 0 and int arity ? $"{arity}" : "") + "Extensions";

    /// <summary>Whether the struct's project is written in C# 14 or later.</summary>
    public static bool IsSupported(INamedTypeSymbol type) => LanguageVersionOf(type) >= LanguageVersion.CSharp14;

    /// <summary>The C# version of the struct's project.</summary>
    public static LanguageVersion LanguageVersionOf(INamedTypeSymbol type) =>
        type.DeclaringSyntaxReferences.FirstOrDefault()?.SyntaxTree.Options is CSharpParseOptions options
            ? options.LanguageVersion : LanguageVersion.CSharp1;
}
