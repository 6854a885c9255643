using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace SlabGen.Generators;

/// <summary>SLAB0005: another struct asks for the same class, or the name belongs to something else in the namespace.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class NameCollisionAnalyzer() : SlabCacheAnalyzer(Descriptors.NameCollision)
{
    private protected override void Analyze(SymbolAnalysisContext context, INamedTypeSymbol type, AttributeData attribute)
    {
        SlabCacheArguments arguments = SlabCacheArguments.Of(type, attribute);

        // A struct that breaks another rule gets no class, which then collides with nothing.
        if (!SlabCacheTarget.IsValid(type, arguments))
        {
            return;
        }

        string name = CacheClassName.Of(type, arguments);
        string? other =
            TwinStruct.Find(type, name, context.CancellationToken) is { } twin ? $"that of '{twin.ToDisplayString()}'"
            : ExistingType.FindCollision(type, name) is { } existing ? $"'{existing.ToDisplayString()}'"
            : ImportedType.FindCollision(type, name, context.Compilation) is { } imported ? $"'{imported.ToDisplayString()}' of the assembly '{imported.ContainingAssembly.Name}'"
            : null;

        if (other is null && arguments.Extensions)
        {
            name = ExtensionClass.NameFor(type, name);
            other = ExistingType.FindCollisionOfExtensions(type, name) is { } taken ? $"'{taken.ToDisplayString()}'" : null;
        }

        if (other is not null)
        {
            context.ReportDiagnostic(Diagnostic.Create(
                Descriptor, type.Locations[0], type.ToDisplayString(), name, other, CacheClassName.Propose(type)));
        }
    }
}
