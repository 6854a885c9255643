namespace SlabGen.Generators;

/// <summary>A method of the struct that the generated class calls.</summary>
/// <param name="Method">Its name as it is written.</param>
/// <param name="CanRefuse">Whether it returns <c>bool</c>.</param>
internal sealed record HookModel(string Method, bool CanRefuse);
