using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace SlabGen.Generators;

/// <summary>
/// SLAB0103: an object is freed to another cache. The cache only finds out far from here, when the thread's magazine is
/// flushed.
/// </summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class FreedToAnotherCacheAnalyzer() : PointerFlowAnalyzer(UseDescriptors.FreedToAnotherCache);
