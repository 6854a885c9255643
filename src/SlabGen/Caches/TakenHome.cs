using SlabGen.Memory;

namespace SlabGen.Caches;

/// <summary>What <see cref="KmemCache.TakeHome"/> did. The caller throws or keeps every one of the errors.</summary>
/// <param name="Progress">Whether the cache has fewer objects or slabs than before.</param>
/// <param name="Left">Free objects that stayed in a magazine because their owner may be about to take them.</param>
/// <param name="Errors">The bad pointers among the objects, and what destructors threw.</param>
internal readonly record struct TakenHome(bool Progress, long Left, FoundErrors Errors);

/// <summary>How long a caller waits for the readers that hold up what was deferred.</summary>
internal enum Patience
{
    /// <summary>Not at all: what has passed its grace period is taken.</summary>
    None,

    /// <summary><see cref="DeferredFrees.Patience"/>: one of the readers may wait for the caller.</summary>
    Short,

    /// <summary>Until nothing waits. The caller is not reading.</summary>
    Unlimited,
}
