namespace SlabGen;

/// <summary>How soon the cache of a generated class finds a bad pointer, and what that costs.</summary>
public enum SlabMode
{
    /// <summary>
    /// Checked in a debug build (<c>$(Configuration)</c> is <c>Debug</c>), or where <c>SLABGEN_DEBUG</c> asks for it;
    /// otherwise fast.
    /// </summary>
    Default,

    /// <summary>Finds it when a magazine is emptied, even if the runtime would check every call.</summary>
    Fast,

    /// <summary>Finds it at the call that was wrong: each call looks at the object, without a lock.</summary>
    Checked,
}
