using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace SlabGen.Generators;

/// <summary>
/// SLAB0300: an MSBuild property has a value that it cannot have. The generator treats it as not set.
/// </summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class InvalidPropertyAnalyzer : DiagnosticAnalyzer
{
    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics =>
        ImmutableArray.Create(BuildDescriptors.InvalidProperty);

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.EnableConcurrentExecution();
        context.RegisterCompilationAction(static compilation =>
        {
            foreach (CacheOption option in CacheOptions.All)
            {
                if (ProjectDefaults.WordOf(option, compilation.Options.AnalyzerConfigOptionsProvider.GlobalOptions)
                    is { } word && option.Parse(word) is null)
                {
                    compilation.ReportDiagnostic(Diagnostic.Create(
                        BuildDescriptors.InvalidProperty, Location.None, option.Property, word,
                        string.Join(" or ", option.Words)));
                }
            }
        });
    }
}
