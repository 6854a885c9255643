using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace SlabGen.CodeFixes;

/// <summary>
/// SLAB0108: sets <c>[SlabCache(Zone = ZoneKind.Dma32, Fallback = ZoneFallback.Strict)]</c>, if the struct is declared
/// in the reported file.
/// </summary>
[ExportCodeFixProvider(LanguageNames.CSharp), Shared]
public sealed class UseDma32Fix() : SlabCodeFix("SLAB0108", "Keep its objects below 4 GiB")
{
    /// <summary>Fixing one conversion after another would change the same attribute each time.</summary>
    public override FixAllProvider? GetFixAllProvider() => null;

    private protected override SyntaxNode? Fix(SyntaxNode root, SyntaxNode node, SemanticModel model,
        CancellationToken token)
    {
        INamedTypeSymbol? pointer = node is CastExpressionSyntax cast
            ? model.GetTypeInfo(cast.Type, token).Type as INamedTypeSymbol : null;
        if (CacheAttribute.FindIn(root, pointer?.TypeArguments.FirstOrDefault() as INamedTypeSymbol, token)
            is not { } attribute)
        {
            return null;
        }

        // Write the namespace where its using is missing.
        string prefix = model.LookupNamespacesAndTypes(attribute.SpanStart, name: "ZoneFallback")
            .Any(static symbol => symbol.ToDisplayString() == "SlabGen.ZoneFallback") ? "" : "SlabGen.";
        AttributeSyntax changed = CacheAttribute.Set(attribute, "Zone", prefix + "ZoneKind.Dma32");
        return root.ReplaceNode(attribute, CacheAttribute.Set(changed, "Fallback", prefix + "ZoneFallback.Strict"));
    }
}
