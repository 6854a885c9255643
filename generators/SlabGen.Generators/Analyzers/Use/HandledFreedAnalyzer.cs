using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace SlabGen.Generators;

/// <summary>SLAB0113: the handle stays live, and later frees what has the address then.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class HandledFreedAnalyzer() : PointerFlowAnalyzer(UseDescriptors.HandledFreed);
