using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace SlabGen.Generators;

/// <summary>SLAB0109: a handle is the default one on every path to its use, and the use throws.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class DefaultHandleAnalyzer() : PointerFlowAnalyzer(UseDescriptors.DefaultHandle);
