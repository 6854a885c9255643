using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace SlabGen.Generators;

/// <summary>The one place where symbols become a model. Nothing of what it reads outlives the call.</summary>
internal static class SlabCacheModelFactory
{
    /// <summary>
    /// The model of an attributed struct. Of one that breaks a rule, which is for the analyzers to report, that of what stands for its class; null when that
    /// can be nothing.
    /// </summary>
    public static SlabCacheModel? Create(GeneratorAttributeSyntaxContext context, CancellationToken token)
    {
        if (context.TargetSymbol is not INamedTypeSymbol type)
        {
            return null;
        }

        Compilation compilation = context.SemanticModel.Compilation;
        SlabCacheArguments arguments = SlabCacheArguments.Of(type, context.Attributes[0]);
        string className = CacheClassName.Of(type, arguments);
        LinkModel[] links = [.. LinkNames.Of(type, arguments)];
        if (!Identifier.IsValid(className) || ExistingType.FindCollision(type, className, links) is not null)
        {
            return null;
        }

        token.ThrowIfCancellationRequested();

        IReadOnlyList<KeyValuePair<ITypeParameterSymbol, string>> names = TypeParameterNames.For(type, className, links);
        TypeRenderer renderer = new(names, compilation);
        SlabCacheModel model = new()
        {
            Namespace = NamespaceOf(type),
            ClassName = className,
            Accessibility = CacheAccessibility.Of(type),
            Links = new([.. links.Where(link => LinkNames.WhyInvalid(link, type, arguments) is null && Collision(link) is null)
                .Select(link => link with { Warnings = new([.. Warnings.Of(type, link.Name, hasHooks: false)]) })]),
            AllowsUnsafe = compilation.Options is CSharpCompilationOptions { AllowUnsafe: true },
            Warnings = new(Warnings.Of(type, className, hasHooks: true).ToImmutableArray()),
            Struct = renderer.Render(type),
            StructCref = renderer.RenderCref(type),
            TypeParameters = new(names.Select(name => new TypeParameterModel(name.Value, Constraints.Of(name.Key, renderer))).ToImmutableArray()),
            CacheName = CacheNameExpression.Of(type, renderer),
            Geometry = null,
            Runtime = SlabCacheArguments.DefaultRuntime,
            Options = default,
            SetOptions = default,
            Zeroing = Zeroing.None,
            Handles = arguments.Handles,
            ExtensionClass = null,
            SingleThreaded = arguments.SingleThreaded,
            Constructor = null,
            Destructor = null,
            Init = null,
            Fini = null,
            ExternAliases = new(renderer.Aliases.ToImmutableArray()),
            RuntimeAlias = ReferenceAlias.Of(context.Attributes[0].AttributeClass?.ContainingAssembly, compilation),
            HidesImported = ImportedType.IsHidden(type, className, compilation) || links.Any(link => ImportedType.IsHidden(type, link.Name, compilation)),
        };

        if (!SlabCacheTarget.CanHaveClass(type, arguments) || !LanguageVersionRule.IsKept(compilation))
        {
            bool hasNullable = ExtensionClass.LanguageVersionOf(type) >= LanguageVersion.CSharp8;
            return hasNullable && type.TypeKind is (TypeKind.Struct or TypeKind.Class) ? model.ToPlaceholder() : null;
        }

        string extensions = ExtensionClass.NameFor(type, className);
        if (!SlabCacheTarget.IsValid(type, arguments)
            || ImportedType.FindCollision(type, className, compilation) is not null
            || (arguments.Extensions && ExistingType.FindCollisionOfExtensions(type, extensions) is not null))
        {
            return model with { Kind = SlabCacheKind.StandIn };
        }

        return model with
        {
            Geometry = SlabGeometry.Of(type, arguments),
            Runtime = arguments.Runtime,
            Options = new(arguments.Initializers().ToImmutableArray()),
            SetOptions = new(arguments.SetOptions().ToImmutableArray()),
            Zeroing = arguments.Zeroing,
            ExtensionClass = arguments.Extensions ? extensions : null,
            Constructor = HookOf(type, HookKind.Constructor),
            Destructor = HookOf(type, HookKind.Destructor),
            Init = HookOf(type, HookKind.Init),
            Fini = HookOf(type, HookKind.Fini),
        };

        INamespaceOrTypeSymbol? Collision(LinkModel link) =>
            ExistingType.FindCollision(type, link.Name, links) ?? ImportedType.FindCollision(type, link.Name, compilation);
    }

    private static HookModel? HookOf(INamedTypeSymbol type, HookKind kind) => SlabHook.Find(type, kind) is { Method: var method }
        ? new HookModel(Identifier.Escape(method.Name), CanRefuse: !method.ReturnsVoid)
        : null;

    private static string NamespaceOf(INamedTypeSymbol type)
    {
        Stack<string> names = new();
        for (INamespaceSymbol level = type.ContainingNamespace; !level.IsGlobalNamespace; level = level.ContainingNamespace)
        {
            names.Push(Identifier.Escape(level.Name));
        }

        return string.Join(".", names);
    }
}
