using Microsoft.CodeAnalysis;

namespace SlabGen.Generators;

/// <summary>A method that an attribute makes a hook, and the rules for it.</summary>
internal readonly record struct SlabHook(HookKind Kind, IMethodSymbol Method)
{
    /// <summary>The attribute as the user writes it.</summary>
    public string Attribute => $"[Slab{Kind}]";

    /// <summary>The hooks of a type, in the order of its members.</summary>
    public static IEnumerable<SlabHook> In(INamedTypeSymbol type) =>
        type.GetMembers().OfType<IMethodSymbol>().SelectMany(static method =>
            HookAttributeNames.KindsOf(method).Select(kind => new SlabHook(kind, method)));

    /// <summary>The hook of that kind in a valid struct; null when it has none.</summary>
    public static SlabHook? Find(INamedTypeSymbol type, HookKind kind)
    {
        foreach (SlabHook hook in In(type))
        {
            if (hook.Kind == kind)
            {
                return hook;
            }
        }

        return null;
    }

    /// <summary>Whether every hook keeps every rule, and no two are of one kind.</summary>
    public static bool AreValid(INamedTypeSymbol type)
    {
        SlabHook[] hooks = [.. In(type)];
        return hooks.All(static hook => hook.WhyInvalid() is null && hook.IsAccessible)
            && hooks.Select(static hook => hook.Kind).Distinct().Count() == hooks.Length;
    }

    /// <summary>Whether the generated class, which is in the same assembly, can call it.</summary>
    public bool IsAccessible => Method.DeclaredAccessibility is Accessibility.Public or Accessibility.Internal;

    /// <summary>Whether it can refuse to make an object.</summary>
    private bool MayRefuse => Kind is HookKind.Constructor or HookKind.Init;

    /// <summary>What is wrong with the signature; null when it can be called.</summary>
    public string? WhyInvalid() =>
        Method.MethodKind is not (MethodKind.Ordinary or MethodKind.ExplicitInterfaceImplementation)
            ? "it is not an ordinary method"
        : Method.IsStatic ? "it is static"
        : Method.IsGenericMethod ? "it is generic"
        : Method.Parameters.Length > 0 ? "it has parameters"
        : Method.IsAsync ? "it is async"
        : Method.ReturnsVoid ? null
        : MayRefuse && !Method.ReturnsByRef && !Method.ReturnsByRefReadonly
            && Method.ReturnType.SpecialType == SpecialType.System_Boolean ? null
        : $"it returns '{Method.ReturnType.ToDisplayString()}'";

    /// <summary>What it may return, in words.</summary>
    public string Returns => MayRefuse ? "void or bool" : "void";
}
