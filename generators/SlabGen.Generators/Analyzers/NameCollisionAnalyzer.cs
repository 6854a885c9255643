using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace SlabGen.Generators;

/// <summary>
/// SLAB0005: another struct asks for the same class, or the name belongs to something else in the namespace.
/// </summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class NameCollisionAnalyzer() : SlabCacheAnalyzer(Descriptors.NameCollision)
{
    private protected override void Analyze(SymbolAnalysisContext context, INamedTypeSymbol type,
        AttributeData attribute)
    {
        SlabCacheArguments arguments = SlabCacheArguments.Of(type, attribute);

        // A struct that breaks another rule gets no class, so there is nothing to collide.
        if (!SlabCacheTarget.IsValid(type, arguments))
        {
            return;
        }

        // Report the first one only: another name for the class often gives another name to its pointers as well.
        foreach ((string what, string name, string? other, (string Property, string Name) proposal) in Collisions(type,
            arguments, context.Compilation, context.CancellationToken))
        {
            if (other is not null)
            {
                context.ReportDiagnostic(Diagnostic.Create(
                    Descriptor, type.Locations[0], type.ToDisplayString(), what, name, other, proposal.Property,
                    proposal.Name));
                return;
            }
        }
    }

    private static IEnumerable<(string What, string Name, string? Other,
        (string Property, string Name) Proposal)> Collisions(
        INamedTypeSymbol type, SlabCacheArguments arguments, Compilation compilation, CancellationToken token)
    {
        LinkModel[] links = [.. LinkNames.Of(type, arguments)];
        string className = CacheClassName.Of(type, arguments);
        (string Property, string Name) another = ("Name", CacheClassName.Propose(type));
        yield return ("class", className, Other(className), another);

        if (arguments.Extensions)
        {
            string extensions = ExtensionClass.NameFor(type, className);
            yield return ("class", extensions,
                ExistingType.FindCollisionOfExtensions(type, extensions) is { } taken
                    ? $"'{taken.ToDisplayString()}'" : null, another);
        }

        foreach (LinkModel link in links)
        {
            yield return (link.Kind == LinkKind.Handle ? "handle" : "pointer", link.Name, Other(link.Name),
                LinkNames.Propose(type, link.Kind));
        }

        string? Other(string name) =>
            TwinStruct.Find(type, name, token) is { } twin ? $"that of '{twin.ToDisplayString()}'"
            : ExistingType.FindCollision(type, name, links) is { } existing ? $"'{existing.ToDisplayString()}'"
            : ImportedType.FindCollision(type, name, compilation) is { } imported ? $"'{imported.ToDisplayString()}' of the assembly '{imported.ContainingAssembly.Name}'"
            : null;
    }
}
