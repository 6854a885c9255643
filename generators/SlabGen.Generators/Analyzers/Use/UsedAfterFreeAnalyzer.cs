using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace SlabGen.Generators;

/// <summary>SLAB0102: the object behind a freed pointer may be another owner's by then.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class UsedAfterFreeAnalyzer() : PointerFlowAnalyzer(UseDescriptors.UsedAfterFree);
