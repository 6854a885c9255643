using System.Xml.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace SlabGen.Generators.Tests;

/// <summary>
/// Proves that the XML documentation that is shipped has every public member and no other. Catches the comments of internal members in a
/// user's package, and a public member whose documentation was dropped with them.
/// </summary>
public sealed class DocumentationFileTests
{
    private static readonly CSharpCompilation s_compilation = CSharpCompilation.Create("documented", references: TestCompilation.References);

    private static readonly IAssemblySymbol s_assembly = s_compilation.GetTypeByMetadataName("SlabGen.SlabRuntime")!.ContainingAssembly;

    private static readonly XElement[] s_members =
        [.. XDocument.Load(Path.ChangeExtension(typeof(SlabRuntime).Assembly.Location, ".xml")).Descendants("member")];

    private static readonly HashSet<string> s_documented = [.. s_members.Select(static member => (string)member.Attribute("name")!)];

    [Fact]
    public void It_has_public_members_only() => Assert.Empty(s_documented.Except(Shown(s_assembly.GlobalNamespace).Select(IdOf)));

    [Fact]
    public void It_has_every_public_member_that_the_source_has()
    {
        Assert.True(s_documented.Count > 500, $"only {s_documented.Count} members are documented");
        Assert.Empty(Shown(s_assembly.GlobalNamespace).Where(static member => !IsOfTheCompiler(member)).Select(IdOf).Except(s_documented));
    }

    [Fact]
    public void What_a_comment_inherits_from_is_in_the_file()
    {
        string[] sources = [.. s_members.Descendants("inheritdoc").Attributes("cref").Select(static cref => cref.Value)];
        Assert.True(sources.Length > 20, $"only {sources.Length} comments name what they inherit");
        Assert.Empty(sources.Where(static id => id[2..].StartsWith("SlabGen.", StringComparison.Ordinal)).Except(s_documented));
    }

    private static string IdOf(ISymbol member) => member.GetDocumentationCommentId()!;

    /// <summary>All members that another assembly can use; a property and an event stand for their accessors.</summary>
    private static IEnumerable<ISymbol> Shown(INamespaceOrTypeSymbol container)
    {
        foreach (ISymbol member in container.GetMembers())
        {
            if (member is INamespaceSymbol inner)
            {
                foreach (ISymbol nested in Shown(inner))
                {
                    yield return nested;
                }
            }
            else if (member.DeclaredAccessibility is Accessibility.Public or Accessibility.Protected or Accessibility.ProtectedOrInternal
                && member is not IMethodSymbol { AssociatedSymbol: not null })
            {
                yield return member;
                foreach (ISymbol nested in member is INamedTypeSymbol type ? Shown(type) : [])
                {
                    yield return nested;
                }
            }
        }
    }

    /// <summary>Whether the compiler made it: a default constructor, what a record or a delegate has, the field of an enum's value.</summary>
    private static bool IsOfTheCompiler(ISymbol member) =>
        member.GetAttributes().Any(static data => data.AttributeClass?.Name == "CompilerGeneratedAttribute")
        || member.ContainingType is { TypeKind: TypeKind.Delegate }
        || member is IMethodSymbol { MethodKind: MethodKind.Constructor } constructor
            && (constructor.Parameters.IsEmpty || constructor.ContainingType.IsRecord)
        || member is { Name: "value__", ContainingType.TypeKind: TypeKind.Enum };
}
