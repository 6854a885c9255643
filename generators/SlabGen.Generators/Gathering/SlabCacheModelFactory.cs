using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace SlabGen.Generators;

/// <summary>The one place where symbols become a model. Nothing that it reads outlives the call.</summary>
internal static class SlabCacheModelFactory
{
    /// <summary>
    /// The model of an attributed struct. For a struct that breaks a rule, it is the model of a placeholder; the
    /// analyzers report the rule. Null when not even a placeholder is possible.
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
        string extensions = ExtensionClass.NameFor(type, className);
        LinkModel[] asked = [.. LinkNames.Of(type, arguments)];

        // These types can be written whatever rule is broken. A type is left out if a type of the user's, or another
        // written type, has its name.
        bool hasClass = Identifier.IsValid(className) && ExistingType.FindCollision(type, className, asked) is null;
        LinkModel[] links =
        [
            .. asked.Where(link =>
                Identifier.IsValid(link.Name) && link.Name != className
                    && !(arguments.Extensions && link.Name == extensions)
                    && ExistingType.FindCollision(type, link.Name, asked) is null)
                .GroupBy(static link => link.Name, StringComparer.Ordinal).Select(static same => same.First()),
        ];
        if (!hasClass && links.Length == 0)
        {
            return null;
        }

        token.ThrowIfCancellationRequested();

        IReadOnlyList<KeyValuePair<ITypeParameterSymbol, string>> names =
            TypeParameterNames.For(type, className, asked);
        TypeRenderer renderer = new(names, compilation);
        SlabCacheModel model = new()
        {
            HasClass = hasClass,
            Namespace = NamespaceOf(type),
            ClassName = className,
            Accessibility = CacheAccessibility.Of(type),
            Links = new([.. links.Select(link => link with { Warnings = new(Warnings.Of(type, link)) })]),
            AllowsUnsafe = compilation.Options is CSharpCompilationOptions { AllowUnsafe: true },
            Warnings = new(Warnings.Of(type, className)),
            Struct = renderer.Render(type),
            StructCref = renderer.RenderCref(type),
            TypeParameters = new(names.Select(name =>
                new TypeParameterModel(name.Value, Constraints.Of(name.Key, renderer))).ToImmutableArray()),
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
            HidesImported = links.Select(static link => link.Name).Append(className)
                .Any(name => ImportedType.IsHidden(type, name, compilation)),
        };

        if (!SlabCacheTarget.CanHaveClass(type, arguments) || !LanguageVersionRule.IsKept(compilation))
        {
            bool hasNullable = ExtensionClass.LanguageVersionOf(type) >= LanguageVersion.CSharp8;
            return hasNullable && type.TypeKind is (TypeKind.Struct or TypeKind.Class) ? model.ToPlaceholder() : null;
        }

        if (!hasClass
            || links.Length < asked.Length
            || !SlabCacheTarget.IsValid(type, arguments)
            || links.Select(static link => link.Name).Append(className)
                .Any(name => ImportedType.FindCollision(type, name, compilation) is not null)
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
    }

    private static HookModel? HookOf(INamedTypeSymbol type, HookKind kind) =>
        SlabHook.Find(type, kind) is { Method: var method }
        ? new HookModel(Identifier.Escape(method.Name), CanRefuse: !method.ReturnsVoid)
        : null;

    private static string NamespaceOf(INamedTypeSymbol type)
    {
        Stack<string> names = new();
        for (INamespaceSymbol level = type.ContainingNamespace; !level.IsGlobalNamespace; level =
            level.ContainingNamespace)
        {
            names.Push(Identifier.Escape(level.Name));
        }

        return string.Join(".", names);
    }
}
