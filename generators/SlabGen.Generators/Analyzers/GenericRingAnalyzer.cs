using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace SlabGen.Generators;

/// <summary>
/// SLAB0015: structs refer to each other in a ring through generic pointers. It compiles, but the runtime throws where
/// one of them is first used.
/// </summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class GenericRingAnalyzer : DiagnosticAnalyzer
{
    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics =>
        ImmutableArray.Create(Descriptors.GenericRing);

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.ConfigureGeneratedCodeAnalysis(
            GeneratedCodeAnalysisFlags.Analyze | GeneratedCodeAnalysisFlags.ReportDiagnostics);
        context.EnableConcurrentExecution();
        context.RegisterCompilationStartAction(static start =>
        {
            if (SlabSymbols.Of(start.Compilation) is not null)
            {
                start.RegisterSymbolAction(Analyze, SymbolKind.NamedType);
            }
        });
    }

    private static void Analyze(SymbolAnalysisContext context)
    {
        INamedTypeSymbol type = (INamedTypeSymbol)context.Symbol;
        if (type.TypeKind != TypeKind.Struct || LinkType.KindOf(type) is not null)
        {
            return;
        }

        bool isLoaded = true;
        foreach (GenericRing ring in GenericRing.Through(type))
        {
            isLoaded = false;
            Report(context, ring, $"{ring.Path} is a ring of generic structs, which throws a TypeLoadException");
        }

        if (isLoaded && GenericRing.HeldBy(type) is { } held)
        {
            Report(context, held, $"'{type.Name}' is small enough for registers and holds '{held.Type.Name}' with {held.Path}, which ends the process");
        }
    }

    private static void Report(SymbolAnalysisContext context, GenericRing ring, string why)
    {
        string advice = SlabCacheAttributeName.FindOn(ring.Type.OriginalDefinition) is { } attribute
            ? $"the generated '{LinkNames.Of(ring.Type.OriginalDefinition, SlabCacheArguments.Of(ring.Type.OriginalDefinition, attribute)).First().Name}', which is not generic, can be loaded"
            : "an address (nint), which is not generic, can be loaded";
        context.ReportDiagnostic(Diagnostic.Create(
            Descriptors.GenericRing, ring.Field.Locations[0], Twins(ring.Field), $"{ring.Field.ContainingType.Name}.{ring.Field.AssociatedSymbol?.Name ?? ring.Field.Name}", why, advice));
    }

    /// <summary>
    /// For the fix, which does not see generated code: each pointer of the runtime in the field's type, and what
    /// replaces it.
    /// </summary>
    private static ImmutableDictionary<string, string?> Twins(IFieldSymbol field) => GenericRing.StructsIn(field.Type)
        .Select(static type => (Pointer: type.ToDisplayString(), Twin: LinkNames.TwinOf(type)))
        .Where(static pair => pair.Twin is not null)
        .GroupBy(static pair => pair.Pointer, StringComparer.Ordinal)
        .ToImmutableDictionary(static pairs => pairs.Key, static pairs => pairs.First().Twin);
}
