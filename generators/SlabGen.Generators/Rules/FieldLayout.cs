using Microsoft.CodeAnalysis;

namespace SlabGen.Generators;

/// <summary>The size and the alignment of a type in bytes, as the runtime lays it out on a 64-bit machine.</summary>
/// <remarks>
/// It is known only where it is certain: for primitives, pointers, and structs of the same compilation with the default
/// layout. A reference assembly may hide fields of a struct. A layout that the author chose is not judged.
/// </remarks>
internal readonly record struct FieldLayout(long Size, int Alignment)
{
    private const long Most = 1L << 31;

    private const int MaxDepth = 16;

    /// <summary>The layout of a type; null when it is not known.</summary>
    public static FieldLayout? Of(ITypeSymbol type) => Of(type, MaxDepth);

    /// <summary>The layout of fields that follow each other.</summary>
    public static FieldLayout Sequence(IEnumerable<FieldLayout> fields)
    {
        long size = 0;
        int alignment = 1;
        foreach (FieldLayout field in fields)
        {
            size = RoundUp(size, field.Alignment) + field.Size;
            alignment = Math.Max(alignment, field.Alignment);
        }

        return new FieldLayout(Math.Max(RoundUp(size, alignment), 1), alignment);
    }

    public static long RoundUp(long size, int alignment) => (size + alignment - 1) / alignment * alignment;

    /// <summary>
    /// The fields of a struct in memory order, with the layout of each; null when one layout is not known.
    /// </summary>
    public static IReadOnlyList<(IFieldSymbol Field, FieldLayout Layout)>? FieldsOf(INamedTypeSymbol type) =>
        FieldsOf(type, MaxDepth);

    private static List<(IFieldSymbol Field, FieldLayout Layout)>? FieldsOf(INamedTypeSymbol type, int depth)
    {
        // Only one declaration: the order of fields in several is not defined (CS0282). A tuple's field is the tuple
        // itself, and its layout is Auto.
        if (depth == 0 || type.IsTupleType || type.DeclaringSyntaxReferences.Length != 1
            || HasAttribute(type, "StructLayoutAttribute"))
        {
            return null;
        }

        List<(IFieldSymbol, FieldLayout)> fields = [];
        foreach (IFieldSymbol field in type.GetMembers().OfType<IFieldSymbol>()
            .Where(static field => !field.IsStatic && !field.IsConst))
        {
            if (Of(field, depth) is not { } layout)
            {
                return null;
            }

            fields.Add((field, layout));
        }

        return fields;
    }

    private static FieldLayout? Of(IFieldSymbol field, int depth) =>
        field.IsFixedSizeBuffer && field.Type is IPointerTypeSymbol buffer
            ? Of(buffer.PointedAtType, depth) is { } element ? element.Times(field.FixedSize) : null
            : LinkType.Find(field.Type, field.ContainingAssembly) is { } link ? Of(link)
            : Of(field.Type, depth);

    private static FieldLayout Of(LinkKind link) => link switch
    {
        LinkKind.SmallPointer => Primitive(4),
        LinkKind.Handle => new FieldLayout(16, 8),
        _ => Primitive(8),
    };

    private static FieldLayout? Of(ITypeSymbol type, int depth)
    {
        if (type is IPointerTypeSymbol or IFunctionPointerTypeSymbol)
        {
            return Primitive(8);
        }

        switch (type.SpecialType)
        {
            case SpecialType.System_Boolean or SpecialType.System_SByte or SpecialType.System_Byte:
                return Primitive(1);
            case SpecialType.System_Char or SpecialType.System_Int16 or SpecialType.System_UInt16:
                return Primitive(2);
            case SpecialType.System_Int32 or SpecialType.System_UInt32 or SpecialType.System_Single:
                return Primitive(4);
            case SpecialType.System_Int64 or SpecialType.System_UInt64 or SpecialType.System_Double
                or SpecialType.System_IntPtr or SpecialType.System_UIntPtr:
                return Primitive(8);
            case SpecialType.System_Decimal:
                return new FieldLayout(16, 8);
        }

        if (type is not INamedTypeSymbol { TypeKind: TypeKind.Struct or TypeKind.Enum } named)
        {
            return null;
        }

        if (named.EnumUnderlyingType is { } underlying)
        {
            return Of(underlying, depth);
        }

        // Their fields are not public, and so are missing from a reference assembly.
        if (named
            is { Arity: 1, ContainingNamespace: { Name: "SlabGen", ContainingNamespace.IsGlobalNamespace: true } })
        {
            switch (named.Name)
            {
                case "SlabPtr":
                    return Of(LinkKind.Pointer);
                case "SlabPtr32":
                    return Of(LinkKind.SmallPointer);
                case "SlabHandle":
                    return Of(LinkKind.Handle);
            }
        }

        if (FieldsOf(named, depth - 1) is not { Count: > 0 } fields)
        {
            return null;
        }

        FieldLayout sequence = Sequence(fields.Select(static field => field.Layout));
        return InlineArrayLength(named) is { } length ? sequence.Times(length) : sequence;
    }

    /// <summary>The layout of several in a row; null when that is more than any object has.</summary>
    private FieldLayout? Times(int count) =>
        count > 0 && Size <= Most / count ? this with { Size = Size * count } : null;

    private static FieldLayout Primitive(int size) => new(size, size);

    private static int? InlineArrayLength(INamedTypeSymbol type) => type.GetAttributes()
        .Where(static attribute => attribute.AttributeClass?.Name == "InlineArrayAttribute")
        .Select(static attribute => attribute.ConstructorArguments is [{ Value: int length }] ? length : (int?)null)
        .FirstOrDefault();

    private static bool HasAttribute(INamedTypeSymbol type, string name) =>
        type.GetAttributes().Any(attribute => attribute.AttributeClass?.Name == name);
}
