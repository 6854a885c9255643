namespace SlabGen.Tests;

/// <summary>Tests that measure something of the whole process: no other test runs beside them.</summary>
[CollectionDefinition("Alone", DisableParallelization = true)]
public sealed class Alone;
