namespace SlabGen.Magazines;

/// <summary>The objects of a cache that wait for a grace period; they lie in a higher layer.</summary>
internal interface IDeferredFrees : IDeferred
{
    /// <summary>Checked mode: whether an object waits here, and so is not to be freed again.</summary>
    bool IsWaiting(nint address);
}
