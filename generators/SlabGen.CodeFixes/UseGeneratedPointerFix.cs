using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using SlabGen.Generators;

namespace SlabGen.CodeFixes;

/// <summary>SLAB0015: <c>SlabPtr&lt;Level&gt;</c> becomes <c>LevelPtr</c>, wherever the field's type has a pointer of the runtime for which there is a generated one.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp), Shared]
public sealed class UseGeneratedPointerFix() : SlabCodeFix("SLAB0015", "Use the generated pointer, which is not generic")
{
    private protected override SyntaxNode? Fix(SyntaxNode root, SyntaxNode node, SemanticModel model, CancellationToken token)
    {
        // A property's, a record's parameter's or a field's own.
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
            if (model.GetTypeInfo(pointer, token).Type is INamedTypeSymbol symbol && TwinOf(symbol) is { } twin)
            {
                // With the namespace that stands before it.
                SyntaxNode whole = pointer.Parent is QualifiedNameSyntax or AliasQualifiedNameSyntax ? pointer.Parent : pointer;
                changes[whole] = SyntaxFactory.ParseTypeName(twin.ToMinimalDisplayString(model, pointer.SpanStart)).WithTriviaFrom(whole);
            }
        }

        return changes.Count == 0 ? null : root.ReplaceNodes(changes.Keys, (original, _) => changes[original]);
    }

    /// <summary>The generated type that stands for a pointer of the runtime, constructed as its struct is; null when there is none.</summary>
    private static INamedTypeSymbol? TwinOf(INamedTypeSymbol pointer)
    {
        if (!LinkType.IsOfRuntime(pointer) || pointer.TypeArguments[0] is not INamedTypeSymbol { TypeKind: TypeKind.Struct } target)
        {
            return null;
        }

        List<ITypeSymbol> arguments = [];
        for (INamedTypeSymbol? level = target; level is not null; level = level.ContainingType)
        {
            arguments.InsertRange(0, level.TypeArguments);
        }

        return target.ContainingNamespace.GetTypeMembers()
            .Where(type => type.Arity == arguments.Count && LinkType.KindOf(type) is not null)
            .Select(type => arguments.Count == 0 ? type : type.Construct([.. arguments]))
            .FirstOrDefault(type => type.GetMembers(WellKnownMemberNames.ImplicitConversionName).Any(member =>
                member is IMethodSymbol { Parameters: [{ Type: { } from }] } && SymbolEqualityComparer.Default.Equals(from, pointer)));
    }
}
