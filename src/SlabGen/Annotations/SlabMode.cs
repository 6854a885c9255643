namespace SlabGen;

/// <summary>How soon the cache of a generated class finds a bad pointer.</summary>
public enum SlabMode
{
    /// <summary>As the runtime says (<see cref="SlabRuntimeOptions.Checked"/>): fast, unless <c>SLABGEN_DEBUG</c> is set.</summary>
    Default,

    /// <summary>When a magazine is emptied, also where the runtime would check every call.</summary>
    Fast,

    /// <summary>At the call that was wrong: no magazines, a lock per call.</summary>
    Checked,
}
