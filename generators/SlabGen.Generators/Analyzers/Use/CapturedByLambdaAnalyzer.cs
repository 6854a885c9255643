using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace SlabGen.Generators;

/// <summary>SLAB0107: a lambda runs after the method that freed what it captured.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class CapturedByLambdaAnalyzer() : PointerFlowAnalyzer(UseDescriptors.CapturedByLambda);
