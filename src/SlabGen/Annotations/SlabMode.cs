namespace SlabGen;

/// <summary>How soon the cache of a generated class finds a bad pointer.</summary>
public enum SlabMode
{
    /// <summary>As the build says, which is checked where <c>$(Configuration)</c> is <c>Debug</c>, or <c>SLABGEN_DEBUG</c>; else fast.</summary>
    Default,

    /// <summary>When a magazine is emptied, also where the runtime would check every call.</summary>
    Fast,

    /// <summary>At the call that was wrong: no magazines, a lock per call.</summary>
    Checked,
}
