using SlabGen.Memory;

namespace SlabGen.Pages;

/// <summary>
/// The one rule by which an allocation that failed is tried again. In each round the caller takes something back, if
/// <see cref="MayReclaim"/>, and tries once more, also without progress: another thread may have reclaimed just before.
/// Then it asks <see cref="GoesOn"/>.
/// </summary>
/// <param name="gfp">What the request may do: nothing without <see cref="GfpFlags.DirectReclaim"/>, one round with
/// <see cref="GfpFlags.NoRetry"/>, any number with <see cref="GfpFlags.NoFail"/>.</param>
internal struct ReclaimLoop(GfpFlags gfp)
{
    /// <summary>How often an allocation asks for memory back before it fails (<c>MAX_RECLAIM_RETRIES</c>).</summary>
    public const int MaxRetries = 16;

    private readonly int _most = (gfp & GfpFlags.DirectReclaim) == 0 ? 0
        : (gfp & GfpFlags.NoFail) != 0 ? int.MaxValue
        : (gfp & GfpFlags.NoRetry) != 0 ? 1
        : MaxRetries;

    private int _rounds;

    /// <summary>Whether the request may take something back in this round.</summary>
    public readonly bool MayReclaim => _rounds < _most;

    /// <summary>
    /// Ends a round in which the request was not served. One that must not fail waits a moment for others to free
    /// something.
    /// </summary>
    /// <param name="progress">Whether anything was taken back in the round.</param>
    /// <param name="canBeHad">Whether there can ever be what is asked for; else even a request that must not fail gives
    /// up.</param>
    /// <returns>Whether to try another round.</returns>
    public bool GoesOn(bool progress, bool canBeHad = true)
    {
        if ((gfp & GfpFlags.NoFail) == 0 || !canBeHad)
        {
            _rounds += _rounds < _most ? 1 : 0;
            return progress;
        }

        if (!progress)
        {
            UninterruptibleLock.Pause();
        }

        return true;
    }
}
