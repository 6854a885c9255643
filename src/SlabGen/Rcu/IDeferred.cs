namespace SlabGen;

/// <summary>Somebody who has deferred work until a grace period has passed: it belongs to him, and the background only calls.</summary>
/// <remarks>
/// Who defers makes <see cref="Waits"/> true, issues a full fence and reads <see cref="IsAttended"/>; the background clears that,
/// issues a full fence and reads <see cref="Waits"/> again. So one of the two sees the other, and nothing is left waiting.
/// </remarks>
internal interface IDeferred
{
    /// <summary>Whether the background knows of this owner. Written under the background's lock, read by anyone.</summary>
    bool IsAttended { get; set; }

    /// <summary>Whether anything waits. Takes no lock.</summary>
    bool Waits { get; }

    /// <summary>
    /// Has everything that waits and has no grace period yet wait for the next one, and does what has passed its own. It does not
    /// throw, and the caller holds no lock.
    /// </summary>
    void Advance();
}
