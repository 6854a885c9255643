namespace SlabGen.Generators;

/// <summary>A type parameter of the generated class.</summary>
/// <param name="Name">The name as it is written: escaped, and another one than the struct's where that would collide.</param>
/// <param name="Constraints">What follows <c>where T : </c>; empty when there are none.</param>
internal sealed record TypeParameterModel(string Name, string Constraints);
