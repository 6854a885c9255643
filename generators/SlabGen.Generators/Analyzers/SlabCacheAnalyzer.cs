using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;

namespace SlabGen.Generators;

/// <summary>Shared by the analyzers: each checks one rule for every struct with <c>[SlabCache]</c>.</summary>
public abstract class SlabCacheAnalyzer : DiagnosticAnalyzer
{
    private protected SlabCacheAnalyzer(DiagnosticDescriptor descriptor) => Descriptor = descriptor;

    /// <inheritdoc/>
    public sealed override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics =>
        ImmutableArray.Create(Descriptor);

    private protected DiagnosticDescriptor Descriptor { get; }

    /// <inheritdoc/>
    public sealed override void Initialize(AnalysisContext context)
    {
        // Include generated code: whatever the generator skips must be explained, whoever wrote it.
        context.ConfigureGeneratedCodeAnalysis(
            GeneratedCodeAnalysisFlags.Analyze | GeneratedCodeAnalysisFlags.ReportDiagnostics);
        context.EnableConcurrentExecution();
        context.RegisterSymbolAction(AnalyzeType, SymbolKind.NamedType);
    }

    /// <summary>Reports the struct if it breaks the rule.</summary>
    private protected abstract void Analyze(SymbolAnalysisContext context, INamedTypeSymbol type,
        AttributeData attribute);

    /// <summary>
    /// The place of a named argument of the attribute; of the struct's name if there is no such argument.
    /// </summary>
    private protected static Location LocationOf(string argument, INamedTypeSymbol type, AttributeData attribute,
        CancellationToken token) =>
        (attribute.ApplicationSyntaxReference?.GetSyntax(token) as AttributeSyntax)?.ArgumentList?.Arguments
            .FirstOrDefault(syntax => syntax.NameEquals?.Name.Identifier.ValueText == argument)?.GetLocation()
        ?? type.Locations[0];

    private void AnalyzeType(SymbolAnalysisContext context)
    {
        INamedTypeSymbol type = (INamedTypeSymbol)context.Symbol;
        if (type.TypeKind == TypeKind.Struct && SlabCacheAttributeName.FindOn(type) is { } attribute)
        {
            Analyze(context, type, attribute);
        }
    }
}
