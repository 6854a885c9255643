namespace SlabGen.Slabs;

/// <summary>The environment variable <c>SLABGEN_DEBUG</c>, which turns checking on or off without a build.</summary>
internal static class DebugVariable
{
    private const string Name = "SLABGEN_DEBUG";

    /// <summary>The current setting: on, off, or null for none.</summary>
    public static bool? Read() => Parse(Environment.GetEnvironmentVariable(Name));

    /// <summary>
    /// <c>0</c> and <c>-</c> turn checking off, as <c>slab_debug=-</c> does. An empty text counts as unset. Anything
    /// else turns checking on.
    /// </summary>
    public static bool? Parse(string? text) => text?.Trim() switch
    {
        null or "" => null,
        "0" or "-" => false,
        _ => true,
    };
}
