namespace SlabGen.Collections;

/// <summary>When two keys of bytes are equal.</summary>
public enum SlabByteComparison
{
    /// <summary>When they are the same bytes.</summary>
    Ordinal,

    /// <summary>When they are the same bytes but for the case of the letters A to Z.</summary>
    AsciiIgnoreCase,
}
