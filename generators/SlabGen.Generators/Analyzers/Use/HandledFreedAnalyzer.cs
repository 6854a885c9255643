using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace SlabGen.Generators;

/// <summary>
/// SLAB0113: an object is freed by its address. Its handle stays live, and later frees whatever has the address then.
/// </summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class HandledFreedAnalyzer() : PointerFlowAnalyzer(UseDescriptors.HandledFreed);
