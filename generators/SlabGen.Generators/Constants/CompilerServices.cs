namespace SlabGen.Generators;

/// <summary>
/// The types of the runtime that only generated code calls, by their full names as the generated code writes them.
/// </summary>
internal static class CompilerServices
{
    public const string GeneratedCache = "global::SlabGen.CompilerServices.GeneratedCache";
}
