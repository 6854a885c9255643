namespace SlabGen.Generators;

/// <summary>A type parameter of the generated class.</summary>
/// <param name="Name">The name as it is written: escaped, and different from the struct's if that would
/// collide.</param>
/// <param name="Constraints">What follows <c>where T : </c>; empty when there are no constraints.</param>
internal sealed record TypeParameterModel(string Name, string Constraints);
