namespace SlabGen.Zones;

/// <summary>Pages in a row.</summary>
/// <param name="First">The first one, counted from the start of the zone.</param>
/// <param name="Pages">How many.</param>
internal readonly record struct PageRun(uint First, uint Pages);
