using Microsoft.CodeAnalysis;

namespace SlabGen.Generators;

/// <summary>
/// Copies the constraints of a type parameter. Without them the generated class could not name the struct.
/// </summary>
internal static class Constraints
{
    /// <summary>
    /// What follows <c>where T : </c>, in the order that C# requires; empty when there are no constraints.
    /// </summary>
    public static string Of(ITypeParameterSymbol parameter, TypeRenderer renderer)
    {
        List<string> constraints = [];

        if (Primary(parameter) is { } primary)
        {
            constraints.Add(primary);
        }

        for (int i = 0; i < parameter.ConstraintTypes.Length; i++)
        {
            ITypeSymbol type =
                parameter.ConstraintTypes[i].WithNullableAnnotation(parameter.ConstraintNullableAnnotations[i]);
            constraints.Add(renderer.Render(type));
        }

        // A struct always has the constructor, and C# does not allow saying so.
        if (parameter.HasConstructorConstraint && !parameter.HasValueTypeConstraint)
        {
            constraints.Add("new()");
        }

        if (parameter.AllowsRefLikeType)
        {
            constraints.Add("allows ref struct");
        }

        return string.Join(", ", constraints);
    }

    private static string? Primary(ITypeParameterSymbol parameter) =>
        parameter.HasUnmanagedTypeConstraint ? "unmanaged"
        : parameter.HasValueTypeConstraint ? "struct"
        : parameter.HasReferenceTypeConstraint
            ? parameter.ReferenceTypeConstraintNullableAnnotation == NullableAnnotation.Annotated ? "class?" : "class"
        : parameter.HasNotNullConstraint ? "notnull"
        : null;
}
