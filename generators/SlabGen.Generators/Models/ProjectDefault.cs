namespace SlabGen.Generators;

/// <summary>An option that the build sets, and its value: a flag, or the number of an enum's member.</summary>
internal sealed record ProjectDefault(CacheOption Option, object Value);
