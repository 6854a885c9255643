using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace SlabGen.CodeFixes;

/// <summary>SLAB0053: <c>[SlabCache(Alignment = 64)]</c>, where the struct is declared in the file that is reported.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp), Shared]
public sealed class AlignToCacheLineFix() : SlabCodeFix("SLAB0053", "Give each object a cache line of its own")
{
    /// <summary>One field after the other would each change the one attribute.</summary>
    public override FixAllProvider? GetFixAllProvider() => null;

    private protected override SyntaxNode? Fix(SyntaxNode root, SyntaxNode node, SemanticModel model, CancellationToken token)
    {
        IFieldSymbol? field = (model.GetDeclaredSymbol(node, token) ?? model.GetSymbolInfo(node, token).Symbol) as IFieldSymbol;
        return CacheAttribute.FindIn(root, field?.ContainingType, token) is { } attribute
            ? root.ReplaceNode(attribute, CacheAttribute.Set(attribute, "Alignment", "64"))
            : null;
    }
}
