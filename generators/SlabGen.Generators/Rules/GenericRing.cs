using Microsoft.CodeAnalysis;

namespace SlabGen.Generators;

/// <summary>
/// Fields that keep the CLR from loading a struct. To load a struct, the CLR loads the types of its fields and their
/// type arguments, even unused ones. A ring of them ends in a <c>TypeLoadException</c>. The rule was found by
/// experiment. GenericRingTests checks it against the runtime.
/// </summary>
/// <remarks>
/// <para>A struct that refers to itself directly, <c>struct Node { SlabPtr&lt;Node&gt; Next; }</c>, is not a ring,
/// whatever generic type stands in between. The runtime recognises a type argument that is the struct being loaded. A
/// class, a plain pointer or a static field does not make a ring either.</para>
/// <para>But that self-reference ends the process (a stack overflow in native code) if the struct is first loaded
/// inside one of 16 bytes or less, because the runtime classifies such a struct for registers while it loads it. This
/// was seen on Linux x64. If the size of the outer struct is not known, as with a tuple, nothing is reported.</para>
/// </remarks>
/// <param name="Field">The field to change.</param>
/// <param name="Type">The type argument, of a generic type in the field's type, that leads back.</param>
/// <param name="Path">The path from the field to its own struct.</param>
internal sealed record GenericRing(IFieldSymbol Field, INamedTypeSymbol Type, string Path)
{
    private const int MaxDepth = 16, InRegisters = 16;

    /// <summary>The first ring through each field of a generic struct, if it concerns SlabGen.</summary>
    public static IEnumerable<GenericRing> Through(INamedTypeSymbol type)
    {
        foreach (IFieldSymbol field in FieldsOf(type))
        {
            foreach (INamedTypeSymbol argument in ArgumentsIn(field.Type)
                .Where(argument =>
                    IsOfSlabGen(field.Type) || SlabCacheAttributeName.FindOn(argument.OriginalDefinition) is not null))
            {
                if (PathBack(type, field, argument) is { } path)
                {
                    yield return new GenericRing(field, argument, string.Join(" → ", path));
                    break;
                }
            }
        }
    }

    /// <summary>The first field of a small struct that holds a struct which refers to itself.</summary>
    public static GenericRing? HeldBy(INamedTypeSymbol type)
    {
        if (FieldLayout.Of(type) is not { Size: <= InRegisters })
        {
            return null;
        }

        HashSet<ITypeSymbol> known = new(SymbolEqualityComparer.Default) { type };
        foreach (IFieldSymbol field in FieldsOf(type))
        {
            // An argument of an earlier field is loaded by then.
            if (HeldIn(field.Type, known, MaxDepth) is { } self)
            {
                return new GenericRing(field, self.Type, $"{Name(self.Field)} → {self.Type.Name}");
            }

            known.UnionWith(ArgumentsIn(field.Type));
        }

        return null;
    }

    private static GenericRing? HeldIn(ITypeSymbol type, HashSet<ITypeSymbol> known, int depth)
    {
        if (depth == 0 || type is not INamedTypeSymbol { TypeKind: TypeKind.Struct, SpecialType: SpecialType.None } held
            || known.Contains(held))
        {
            return null;
        }

        foreach (IFieldSymbol field in FieldsOf(held))
        {
            if (IsOfSlabGen(field.Type) && ArgumentsIn(field.Type).Contains(held, SymbolEqualityComparer.Default))
            {
                return new GenericRing(field, held, "");
            }

            if (HeldIn(field.Type, known, depth - 1) is { } inner)
            {
                return inner;
            }
        }

        return null;
    }

    private static IReadOnlyList<string>? PathBack(INamedTypeSymbol type, IFieldSymbol field, INamedTypeSymbol argument)
    {
        if (SymbolEqualityComparer.Default.Equals(argument.OriginalDefinition, type))
        {
            // The runtime does not recognise the struct with other arguments yet.
            return SymbolEqualityComparer.Default.Equals(argument, type)
                ? null : [Name(field), argument.ToDisplayString(SymbolDisplayFormat.CSharpShortErrorMessageFormat)];
        }

        return ByDefinitions(type, field, argument.OriginalDefinition)
            ?? (Contains(argument, type, MaxDepth) is { } path ? [Name(field), .. path, type.Name] : null);
    }

    /// <summary>
    /// The shortest path from one struct to another over the declared types of fields. A type parameter leads nowhere.
    /// </summary>
    private static IReadOnlyList<string>? ByDefinitions(INamedTypeSymbol type, IFieldSymbol field,
        INamedTypeSymbol from)
    {
        HashSet<ISymbol> seen = new(SymbolEqualityComparer.Default) { from };
        Queue<(INamedTypeSymbol At, IReadOnlyList<string> Path)> pending = new();
        pending.Enqueue((from, [Name(field)]));
        while (pending.Count > 0)
        {
            (INamedTypeSymbol at, IReadOnlyList<string> path) = pending.Dequeue();
            foreach (IFieldSymbol next in FieldsOf(at))
            {
                foreach (INamedTypeSymbol met in StructsIn(next.Type))
                {
                    IReadOnlyList<string> longer = [.. path, Name(next)];
                    if (SymbolEqualityComparer.Default.Equals(met.OriginalDefinition, type))
                    {
                        return [.. longer, type.Name];
                    }

                    if (seen.Add(met.OriginalDefinition))
                    {
                        pending.Enqueue((met.OriginalDefinition, longer));
                    }
                }
            }
        }

        return null;
    }

    /// <summary>The path to a struct that another one contains by value.</summary>
    private static IReadOnlyList<string>? Contains(INamedTypeSymbol outer, INamedTypeSymbol type, int depth)
    {
        foreach (IFieldSymbol field in depth == 0 ? [] : FieldsOf(outer))
        {
            if (SymbolEqualityComparer.Default.Equals(field.Type, type))
            {
                return [Name(field)];
            }

            if (field.Type is INamedTypeSymbol { TypeKind: TypeKind.Struct, SpecialType: SpecialType.None } inner
                && Contains(inner, type, depth - 1) is { } path)
            {
                return [Name(field), .. path];
            }
        }

        return null;
    }

    /// <summary>The structs that are loaded for a field of the type: the type itself and its type arguments.</summary>
    public static IEnumerable<INamedTypeSymbol> StructsIn(ITypeSymbol type) =>
        type
            is INamedTypeSymbol { TypeKind: TypeKind.Struct,
                SpecialType: SpecialType.None or SpecialType.System_Nullable_T } named ? [named,
                .. ArgumentsIn(type)] : [];

    private static IEnumerable<INamedTypeSymbol> ArgumentsIn(ITypeSymbol type)
    {
        for (INamedTypeSymbol? level = type.TypeKind == TypeKind.Struct
            ? type as INamedTypeSymbol : null; level is not null; level = level.ContainingType)
        {
            foreach (ITypeSymbol argument in level.TypeArguments)
            {
                foreach (INamedTypeSymbol met in StructsIn(argument))
                {
                    yield return met;
                }
            }
        }
    }

    private static bool IsOfSlabGen(ITypeSymbol type) =>
        LinkType.IsOfRuntime(type)
        || (type is INamedTypeSymbol { TypeKind: TypeKind.Struct } named && (named.TypeArguments.Any(IsOfSlabGen)
            || (named.Arity > 0
                && FieldsOf(named.OriginalDefinition)
                    .Any(static field =>
                        field.Type.OriginalDefinition.ContainingNamespace?.Name == "SlabGen"
                            && IsOfSlabGen(field.Type)))));

    private static IEnumerable<IFieldSymbol> FieldsOf(INamedTypeSymbol type) =>
        type.GetMembers().OfType<IFieldSymbol>().Where(static field => !field.IsStatic);

    private static string Name(IFieldSymbol field) => $"{field.ContainingType.Name}.{field.AssociatedSymbol?.Name ?? field.Name}";
}
