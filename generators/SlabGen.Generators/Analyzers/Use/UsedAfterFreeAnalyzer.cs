using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace SlabGen.Generators;

/// <summary>SLAB0102: a freed pointer is used. Its object may have another owner by then.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class UsedAfterFreeAnalyzer() : PointerFlowAnalyzer(UseDescriptors.UsedAfterFree);
