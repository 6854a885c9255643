using Microsoft.CodeAnalysis;

namespace SlabGen.Generators;

/// <summary>What the analysis of a method found, for the rule of its kind.</summary>
/// <param name="Rule">The rule's descriptor.</param>
/// <param name="Syntax">Where.</param>
/// <param name="Arguments">What goes into the message.</param>
internal sealed record FlowFinding(DiagnosticDescriptor Rule, SyntaxNode Syntax, object[] Arguments)
{
    /// <summary>The first free, where the second is wrong only once that has run: the one to remove may be either.</summary>
    public SyntaxNode? First { get; init; }
}
