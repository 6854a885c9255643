using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace SlabGen.Generators;

/// <summary>
/// SLAB0300: an MSBuild property whose value is none of those that it can have. The generator takes an option as not
/// set; what is for the runtime would be refused at its first use.
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
            AnalyzerConfigOptions options = compilation.Options.AnalyzerConfigOptionsProvider.GlobalOptions;
            foreach ((string property, string pattern, string allowed) in RuntimeProperties.All)
            {
                if (ProjectDefaults.WordOf(property, options) is { } word && !RuntimeProperties.Allows(pattern, word))
                {
                    compilation.ReportDiagnostic(Diagnostic.Create(BuildDescriptors.InvalidProperty, Location.None,
                        property, word, allowed));
                }
            }

            foreach (CacheOption option in CacheOptions.All)
            {
                if (ProjectDefaults.WordOf(option, options) is { } word && option.Parse(word) is null)
                {
                    compilation.ReportDiagnostic(Diagnostic.Create(
                        BuildDescriptors.InvalidProperty, Location.None, option.Property, word,
                        string.Join(" or ", option.Words)));
                }
            }
        });
    }
}
