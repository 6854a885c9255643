using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace SlabGen.CodeFixes;

/// <summary>SLAB0052: puts the fields in the order that the message names.</summary>
/// <remarks>
/// Only field declarations change places, each with its comments; other members stay where they are. The fix is not
/// offered in three cases: a field is behind a property or a captured parameter, whose place is not the field's; there
/// are directives among the fields; or a constructor's parameters determine the order.
/// </remarks>
[ExportCodeFixProvider(LanguageNames.CSharp), Shared]
public sealed class ReorderFieldsFix() : SlabCodeFix("SLAB0052", "Reorder the fields")
{
    private protected override SyntaxNode? Fix(SyntaxNode root, SyntaxNode node, SemanticModel model,
        CancellationToken token)
    {
        if (node.FirstAncestorOrSelf<TypeDeclarationSyntax>() is not { ParameterList: null } declaration
            || declaration.ContainsDirectives
            || model.GetDeclaredSymbol(declaration, token) is not { } type
            || type.GetMembers().OfType<IFieldSymbol>()
                .Any(static field => !field.IsStatic && field.IsImplicitlyDeclared))
        {
            return null;
        }

        FieldDeclarationSyntax[] fields = [.. declaration.Members.OfType<FieldDeclarationSyntax>().Where(static field =>
            !field.Modifiers.Any(SyntaxKind.StaticKeyword) && !field.Modifiers.Any(SyntaxKind.ConstKeyword))];
        FieldDeclarationSyntax[] sorted = [.. fields.OrderByDescending(field => AlignmentOf(field, model, token))];
        return root.ReplaceNodes(fields, (field, _) => sorted[Array.IndexOf(fields, field)]);
    }

    private static int AlignmentOf(FieldDeclarationSyntax field, SemanticModel model, CancellationToken token) =>
        model.GetDeclaredSymbol(field.Declaration.Variables[0], token) is IFieldSymbol symbol
            && FieldLayoutOf(symbol) is { } alignment ? alignment : 1;

    private static int? FieldLayoutOf(IFieldSymbol field) =>
        Generators.FieldLayout.Of(field.IsFixedSizeBuffer && field.Type is IPointerTypeSymbol buffer
            ? buffer.PointedAtType : field.Type)?.Alignment;
}
