using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace SlabGen.Generators;

/// <summary>SLAB0111: the lease would free the object again, or did so already.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class LeasedFreedAnalyzer() : PointerFlowAnalyzer(UseDescriptors.LeasedFreed);
