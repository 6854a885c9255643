using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace SlabGen.Generators;

/// <summary>SLAB0104: an object is not freed. Nothing collects objects outside the GC heap.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class NotFreedAnalyzer() : PointerFlowAnalyzer(UseDescriptors.NotFreed);
