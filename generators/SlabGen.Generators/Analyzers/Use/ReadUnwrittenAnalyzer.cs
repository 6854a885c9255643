using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace SlabGen.Generators;

/// <summary>SLAB0114: an object is read before it is written. Its memory holds what the last owner left.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class ReadUnwrittenAnalyzer() : PointerFlowAnalyzer(UseDescriptors.ReadUnwritten);
