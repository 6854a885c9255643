using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace SlabGen.Generators;

/// <summary>SLAB0105: a pointer is null on every path to its use.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class NullPointerAnalyzer() : PointerFlowAnalyzer(UseDescriptors.NullPointer);
