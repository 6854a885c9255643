namespace SlabGen.Magazines;

/// <summary>The objects of a cache that wait for a grace period. The implementation lies in a higher layer.</summary>
internal interface IDeferredFrees : IDeferred
{
    /// <summary>In checked mode: whether an object waits here, and so must not be freed again.</summary>
    bool IsWaiting(nint address);
}
