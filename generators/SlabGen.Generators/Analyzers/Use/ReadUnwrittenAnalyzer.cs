using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace SlabGen.Generators;

/// <summary>SLAB0114: memory of a slab holds what its last owner left.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class ReadUnwrittenAnalyzer() : PointerFlowAnalyzer(UseDescriptors.ReadUnwritten);
