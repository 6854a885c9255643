using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace SlabGen.Generators;

/// <summary>SLAB0109: a handle that is the default one on every path to its use, which then throws.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class DefaultHandleAnalyzer() : PointerFlowAnalyzer(UseDescriptors.DefaultHandle);
