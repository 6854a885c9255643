using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace SlabGen.Generators;

/// <summary>SLAB0112: a method returns the address of an object that is free by then.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class ReturnedFreedAnalyzer() : PointerFlowAnalyzer(UseDescriptors.ReturnedFreed);
