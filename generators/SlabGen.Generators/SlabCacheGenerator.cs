using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace SlabGen.Generators;

/// <summary>
/// Writes a typed cache for every unmanaged struct with <c>[SlabCache]</c>. This file has only the pipeline.
/// <see cref="SlabCacheModelFactory"/> gathers what a struct says, and <see cref="CacheClassWriter"/> writes the file.
/// </summary>
/// <remarks>
/// The results of the steps compare by value and do not refer to the compilation. So an edit elsewhere causes no
/// rewrite, and no old compilation stays alive. The generator reports no diagnostics. For a struct that breaks a rule
/// it writes a placeholder, so that the struct's uses compile, and an analyzer reports the rule.
/// </remarks>
[Generator(LanguageNames.CSharp)]
public sealed class SlabCacheGenerator : IIncrementalGenerator
{
    /// <inheritdoc/>
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        IncrementalValuesProvider<SlabCacheModel> models = context.SyntaxProvider
            .ForAttributeWithMetadataName(
                SlabCacheAttributeName.Full,
                static (node, _) => node is TypeDeclarationSyntax,
                SlabCacheModelFactory.Create)
            .Where(static model => model is not null)
            .Select(static (model, _) => model!)
            .WithTrackingName(TrackingNames.Models);

        IncrementalValueProvider<ProjectDefaults> defaults = context.AnalyzerConfigOptionsProvider
            .Select(ProjectDefaults.Read)
            .WithTrackingName(TrackingNames.Defaults);

        // The only step that sees all structs. Its result is nearly always empty, and so equal to the previous one.
        IncrementalValueProvider<NameClashes> clashes = models
            .Collect()
            .Select(NameClashes.Find)
            .WithTrackingName(TrackingNames.Clashes);

        IncrementalValuesProvider<SlabCacheFile> files = models
            .Combine(defaults)
            .Select(ProjectDefaults.Apply)
            .Combine(clashes)
            .Select(SlabCacheFile.Create)
            .Where(static file => file is not null)
            .Select(static (file, _) => file!)
            .WithTrackingName(TrackingNames.Files);

        IncrementalValuesProvider<SlabCacheFile> placeholders =
            clashes.SelectMany(static (found, _) => found.Placeholders.ToImmutableArray());

        context.RegisterSourceOutput(files, Write);
        context.RegisterSourceOutput(placeholders, Write);
    }

    private static void Write(SourceProductionContext output, SlabCacheFile file) => output.AddSource(
        file.HintName,
        file.Model.Kind == SlabCacheKind.Placeholder
            ? PlaceholderWriter.Write(file.Model) : CacheClassWriter.Write(file.Model));
}
