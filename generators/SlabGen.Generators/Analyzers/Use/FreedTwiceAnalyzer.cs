using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace SlabGen.Generators;

/// <summary>SLAB0101: the second free gives away an object that may have another owner by then.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class FreedTwiceAnalyzer() : PointerFlowAnalyzer(UseDescriptors.FreedTwice);
