namespace SlabGen;

/// <summary>How soon the cache of a generated class finds a bad pointer.</summary>
public enum SlabMode
{
    /// <summary>Checked in a debug build (<c>$(Configuration)</c> is <c>Debug</c>), or where <c>SLABGEN_DEBUG</c> asks for it; otherwise fast.</summary>
    Default,

    /// <summary>When a magazine is emptied, even if the runtime would check every call.</summary>
    Fast,

    /// <summary>At the call that was wrong: no magazines, a lock per call.</summary>
    Checked,
}
