namespace SlabGen;

/// <summary>Owns work that is deferred until a grace period has passed. The background thread only calls it.</summary>
/// <remarks>
/// A thread that defers makes <see cref="Waits"/> true, issues a full fence and reads <see cref="IsAttended"/>. The
/// background clears <see cref="IsAttended"/>, issues a full fence and reads <see cref="Waits"/> again. So one of the
/// two sees the other, and no work is left waiting. The steps are in <see cref="GracePeriod{TWords}"/>.
/// </remarks>
internal interface IDeferred
{
    /// <summary>
    /// Whether the background knows of this owner. Written under the background's lock, read by anyone.
    /// </summary>
    bool IsAttended { get; set; }

    /// <summary>Whether any work waits. It takes no lock.</summary>
    bool Waits { get; }

    /// <summary>
    /// Assigns the next grace period to all work that has none yet, and does the work whose period has passed. It does
    /// not throw, and the caller holds no lock.
    /// </summary>
    void Advance();
}
