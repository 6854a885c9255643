using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace SlabGen.Generators;

/// <summary>SLAB0111: an object of a lease is freed. The lease would free it again, or has done so already.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class LeasedFreedAnalyzer() : PointerFlowAnalyzer(UseDescriptors.LeasedFreed);
