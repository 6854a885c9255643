namespace SlabGen;

/// <summary>Where a request that its own zone cannot serve may go.</summary>
public enum ZoneFallback
{
    /// <summary>
    /// To lower zones only, as far as their reserve permits. No page lies above the limit of the request. This is the
    /// kernel's rule.
    /// </summary>
    Strict,

    /// <summary>To lower zones, then to higher ones. The zone is a preference, not a limit.</summary>
    Preferred,
}
