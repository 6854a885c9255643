using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace SlabGen.Generators;

/// <summary>SLAB0104: nothing collects what is off the GC heap.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class NotFreedAnalyzer() : PointerFlowAnalyzer(UseDescriptors.NotFreed);
