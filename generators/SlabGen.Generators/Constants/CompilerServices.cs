namespace SlabGen.Generators;

/// <summary>The types of the runtime that only generated code calls, by the full name that it writes.</summary>
internal static class CompilerServices
{
    public const string GeneratedCache = "global::SlabGen.CompilerServices.GeneratedCache";
}
