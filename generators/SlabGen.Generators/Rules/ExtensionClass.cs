using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace SlabGen.Generators;

/// <summary>
/// The class with a struct's extension members. It is another one than the cache's: a class with them must not be generic, and each of them is a method of
/// it as well, of the very name and parameters that the cache's own has.
/// </summary>
internal static class ExtensionClass
{
    /// <summary>The name. It contains the number of type parameters, because the classes of all arities would otherwise have the same name.</summary>
    public static string NameFor(INamedTypeSymbol type, string className) =>
        className + (CacheClassName.ArityOf(type) is > 0 and int arity ? $"{arity}" : "") + "Extensions";

    /// <summary>Whether the struct's project is written in C# 14 or later.</summary>
    public static bool IsSupported(INamedTypeSymbol type) => LanguageVersionOf(type) >= LanguageVersion.CSharp14;

    /// <summary>The C# of the struct's project.</summary>
    public static LanguageVersion LanguageVersionOf(INamedTypeSymbol type) =>
        type.DeclaringSyntaxReferences.FirstOrDefault()?.SyntaxTree.Options is CSharpParseOptions options ? options.LanguageVersion : LanguageVersion.CSharp1;
}
