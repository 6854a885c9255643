using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace SlabGen.CodeFixes;

/// <summary>
/// SLAB0053: sets <c>[SlabCache(Alignment = 64)]</c>, if the struct is declared in the reported file.
/// </summary>
[ExportCodeFixProvider(LanguageNames.CSharp), Shared]
public sealed class AlignToCacheLineFix() : SlabCodeFix("SLAB0053", "Give each object a cache line of its own")
{
    /// <summary>Fixing one field after another would change the same attribute each time.</summary>
    public override FixAllProvider? GetFixAllProvider() => null;

    private protected override SyntaxNode? Fix(SyntaxNode root, SyntaxNode node, SemanticModel model,
        CancellationToken token)
    {
        IFieldSymbol? field =
            (model.GetDeclaredSymbol(node, token) ?? model.GetSymbolInfo(node, token).Symbol) as IFieldSymbol;
        return CacheAttribute.FindIn(root, field?.ContainingType, token) is { } attribute
            ? root.ReplaceNode(attribute, CacheAttribute.Set(attribute, "Alignment", "64"))
            : null;
    }
}
