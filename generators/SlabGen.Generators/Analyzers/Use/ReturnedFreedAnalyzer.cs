using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace SlabGen.Generators;

/// <summary>SLAB0112: the caller gets an address that is free by then.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class ReturnedFreedAnalyzer() : PointerFlowAnalyzer(UseDescriptors.ReturnedFreed);
