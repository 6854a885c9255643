using Microsoft.CodeAnalysis;

namespace SlabGen.Generators;

/// <summary>A finding of the analysis of a method, for one rule.</summary>
/// <param name="Rule">The rule's descriptor.</param>
/// <param name="Syntax">The place.</param>
/// <param name="Arguments">The arguments of the message.</param>
internal sealed record FlowFinding(DiagnosticDescriptor Rule, SyntaxNode Syntax, object[] Arguments)
{
    /// <summary>
    /// The first free, when the second is wrong only if the first has run. Either may be the one to remove.
    /// </summary>
    public SyntaxNode? First { get; init; }
}
