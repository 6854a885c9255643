using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace SlabGen.CodeFixes;

/// <summary>
/// SLAB0015: <c>SlabPtr&lt;Level&gt;</c> becomes <c>LevelPtr</c>, for each generic pointer in the field's type that has
/// a generated twin. The diagnostic's properties map one to the other.
/// </summary>
[ExportCodeFixProvider(LanguageNames.CSharp), Shared]
public sealed class UseGeneratedPointerFix() : SlabCodeFix("SLAB0015", "Use the generated pointer, which is not generic")
{
    private protected override SyntaxNode? Fix(SyntaxNode root, SyntaxNode node, SemanticModel model,
        Diagnostic diagnostic, CancellationToken token)
    {
        // The type of a property, of a record's parameter, or of a field.
        TypeSyntax? type = node.AncestorsAndSelf().Select(static level => level switch
        {
            VariableDeclarationSyntax declaration => declaration.Type,
            PropertyDeclarationSyntax property => property.Type,
            ParameterSyntax parameter => parameter.Type,
            _ => null,
        }).FirstOrDefault(static found => found is not null);

        Dictionary<SyntaxNode, SyntaxNode> changes = [];
        foreach (GenericNameSyntax pointer in type?.DescendantNodesAndSelf().OfType<GenericNameSyntax>() ?? [])
        {
            if (model.GetTypeInfo(pointer, token).Type
                is INamedTypeSymbol { TypeArguments: [INamedTypeSymbol target] } symbol
                && diagnostic.Properties.TryGetValue(symbol.ToDisplayString(), out string? name))
            {
                // Replace the namespace before it as well.
                SyntaxNode whole = pointer.Parent is QualifiedNameSyntax or AliasQualifiedNameSyntax
                    ? pointer.Parent : pointer;
                changes[whole] =
                    SyntaxFactory.ParseTypeName(TwinOf(target, name!, model, pointer.SpanStart)).WithTriviaFrom(whole);
            }
        }

        return changes.Count == 0 ? null : root.ReplaceNodes(changes.Keys, (original, _) => changes[original]);
    }

    /// <summary>
    /// The generated type's name as it must be written at this position. The type is in the namespace of its struct,
    /// and is visible where the struct is.
    /// </summary>
    private static string TwinOf(INamedTypeSymbol target, string name, SemanticModel model, int position)
    {
        List<string> arguments = [];
        INamedTypeSymbol outermost = target;
        for (INamedTypeSymbol? level = target; level is not null; level = level.ContainingType)
        {
            arguments.InsertRange(0,
                level.TypeArguments.Select(argument => argument.ToMinimalDisplayString(model, position)));
            outermost = level;
        }

        bool isVisible = outermost.ContainingNamespace.IsGlobalNamespace
            || model.LookupNamespacesAndTypes(position, name: outermost.Name)
                .Contains(outermost.OriginalDefinition, SymbolEqualityComparer.Default);
        return (isVisible ? "" : outermost.ContainingNamespace.ToDisplayString() + ".") + name
            + (arguments.Count == 0 ? "" : $"<{string.Join(", ", arguments)}>");
    }
}
