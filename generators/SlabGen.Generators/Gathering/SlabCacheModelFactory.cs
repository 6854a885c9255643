using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace SlabGen.Generators;

/// <summary>The one place where symbols become a model. Nothing of what it reads outlives the call.</summary>
internal static class SlabCacheModelFactory
{
    /// <summary>The model of an attributed struct; null when it breaks a rule, which is for the analyzers to report.</summary>
    public static SlabCacheModel? Create(GeneratorAttributeSyntaxContext context, CancellationToken token)
    {
        if (context.TargetSymbol is not INamedTypeSymbol type || !LanguageVersionRule.IsKept(context.SemanticModel.Compilation))
        {
            return null;
        }

        SlabCacheArguments arguments = SlabCacheArguments.Of(type, context.Attributes[0]);
        if (!SlabCacheTarget.IsValid(type, arguments))
        {
            return null;
        }

        token.ThrowIfCancellationRequested();

        string className = CacheClassName.Of(type, arguments);
        LinkModel[] links = [.. LinkNames.Of(type, arguments)];
        if (ExistingType.FindCollision(type, className, links) is not null
            || links.Any(link => ExistingType.FindCollision(type, link.Name, links) is not null)
            || (arguments.Extensions && ExistingType.FindCollisionOfExtensions(type, ExtensionClass.NameFor(type, className)) is not null))
        {
            return null;
        }

        token.ThrowIfCancellationRequested();

        IReadOnlyList<KeyValuePair<ITypeParameterSymbol, string>> names = TypeParameterNames.For(type, className, links);
        TypeRenderer renderer = new(names);

        return new SlabCacheModel
        {
            Namespace = NamespaceOf(type),
            ClassName = className,
            Accessibility = CacheAccessibility.Of(type),
            Links = new([.. links]),
            AllowsUnsafe = context.SemanticModel.Compilation.Options is CSharpCompilationOptions { AllowUnsafe: true },
            Struct = renderer.Render(type),
            StructCref = renderer.RenderCref(type),
            TypeParameters = new(names.Select(name => new TypeParameterModel(name.Value, Constraints.Of(name.Key, renderer))).ToImmutableArray()),
            CacheName = CacheNameExpression.Of(type, renderer),
            Geometry = SlabGeometry.Of(type, arguments),
            Runtime = arguments.Runtime,
            Options = new(arguments.Initializers().ToImmutableArray()),
            SetOptions = new(arguments.SetOptions().ToImmutableArray()),
            Zeroing = arguments.Zeroing,
            Handles = arguments.Handles,
            ExtensionClass = arguments.Extensions ? ExtensionClass.NameFor(type, className) : null,
            SingleThreaded = arguments.SingleThreaded,
            Constructor = HookOf(type, HookKind.Constructor),
            Destructor = HookOf(type, HookKind.Destructor),
            Init = HookOf(type, HookKind.Init),
            Fini = HookOf(type, HookKind.Fini),
        };
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
