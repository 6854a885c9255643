using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace SlabGen.Generators;

/// <summary>The C# version of the generated code.</summary>
internal static class LanguageVersionRule
{
    /// <summary>A lease is a <c>ref struct</c> that implements an interface, which needs this version.</summary>
    public const LanguageVersion Least = LanguageVersion.CSharp13;

    public static bool IsKept(Compilation compilation) => ((CSharpCompilation)compilation).LanguageVersion >= Least;
}
