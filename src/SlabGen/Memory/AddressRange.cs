namespace SlabGen.Memory;

/// <summary>Addresses in a row.</summary>
/// <param name="Start">The first one.</param>
/// <param name="Bytes">How many.</param>
internal readonly record struct AddressRange(nint Start, long Bytes);
