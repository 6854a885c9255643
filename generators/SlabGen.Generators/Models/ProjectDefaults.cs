using System.Collections.Immutable;
using Microsoft.CodeAnalysis.Diagnostics;

namespace SlabGen.Generators;

/// <summary>
/// The options that MSBuild properties set for a project. An attribute of the struct or of the assembly overrides them.
/// </summary>
internal sealed record ProjectDefaults(EquatableArray<ProjectDefault> Set)
{
    /// <summary>
    /// Reads the build's options. A word that its option does not know sets nothing; SLAB0300 reports it.
    /// </summary>
    public static ProjectDefaults Read(AnalyzerConfigOptionsProvider provider, CancellationToken token)
    {
        token.ThrowIfCancellationRequested();

        ImmutableArray<ProjectDefault>.Builder set = ImmutableArray.CreateBuilder<ProjectDefault>();
        foreach (CacheOption option in CacheOptions.All)
        {
            if (WordOf(option, provider.GlobalOptions) is { } word && option.Parse(word) is { } value)
            {
                set.Add(new ProjectDefault(option, value));
            }
        }

        return new ProjectDefaults(new EquatableArray<ProjectDefault>(set.ToImmutable()));
    }

    /// <summary>The value of an option's property; null when it is not set.</summary>
    public static string? WordOf(CacheOption option, AnalyzerConfigOptions options) =>
        option.IsOfProject ? WordOf(option.Property, options) : null;

    /// <inheritdoc cref="WordOf(CacheOption, AnalyzerConfigOptions)"/>
    public static string? WordOf(string property, AnalyzerConfigOptions options) =>
        options.TryGetValue("build_property." + property, out string? word) && word.Trim() is { Length: > 0 } trimmed
            ? trimmed : null;

    /// <summary>Adds what no attribute sets to a model.</summary>
    public static SlabCacheModel Apply((SlabCacheModel Model, ProjectDefaults Defaults) pair, CancellationToken token)
    {
        token.ThrowIfCancellationRequested();

        SlabCacheModel model = pair.Model;
        if (model.Kind != SlabCacheKind.Cache)
        {
            return model;
        }

        foreach (ProjectDefault @default in pair.Defaults.Set)
        {
            if (!model.SetOptions.Contains(@default.Option.Name))
            {
                model = Apply(model, @default);
            }
        }

        return model;
    }

    private static SlabCacheModel Apply(SlabCacheModel model, ProjectDefault @default) => @default switch
    {
        // The kernel's init_on_alloc and init_on_free leave out caches with a constructor or SLAB_TYPESAFE_BY_RCU. This
        // does the same: the program says what it needs, and the build only hardens it.
        { Option.Name: CacheOptions.Zeroing } =>
            model.Constructor is null && !model.Options.Contains(CacheOptions.TypeSafeByRcu + " = true")
                ? model with { Zeroing = (Zeroing)@default.Value } : model,
        { Option: { Write: { } write, Default: var usual }, Value: var value } when !value.Equals(usual) =>
            model with { Options = new([.. model.Options, (@default.Option.WriteOfProject ?? write)(value)]) },
        _ => model,
    };
}
