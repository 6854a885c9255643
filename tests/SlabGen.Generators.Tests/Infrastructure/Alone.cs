namespace SlabGen.Generators.Tests;

/// <summary>Tests that measure, and so run with no other.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
