using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace SlabGen.Generators;

/// <summary>SLAB0103: a cache finds out when the thread's magazine is flushed, far from here.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class FreedToAnotherCacheAnalyzer() : PointerFlowAnalyzer(UseDescriptors.FreedToAnotherCache);
