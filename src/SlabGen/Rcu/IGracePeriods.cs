namespace SlabGen.Slabs;

/// <summary>What slabs and caches ask of RCU, which lies in a higher layer. One for the process.</summary>
/// <remarks>Grace periods have numbers that rise; 0 is one that has always passed. Nothing here but <see cref="Wait"/> waits for a reader.</remarks>
internal interface IGracePeriods
{
    /// <summary>Whether the calling thread is inside a read-side section, where it must not wait for a grace period.</summary>
    bool IsReading { get; }

    /// <summary>
    /// The number of the first grace period that begins after this call: once it has passed, no reader holds what the caller
    /// had unlinked before (<c>get_state_synchronize_rcu</c>). Takes no lock.
    /// </summary>
    long Snapshot();

    /// <summary>Whether a grace period has passed (<c>poll_state_synchronize_rcu</c>). Takes no lock.</summary>
    bool HasPassed(long number);

    /// <summary>As <see cref="HasPassed"/>; and begins and ends grace periods as far as that goes without waiting.</summary>
    bool Poll(long number);

    /// <summary>Waits until a grace period has passed (<c>cond_synchronize_rcu</c>). The caller holds no lock, and is not reading.</summary>
    void Wait(long number);

    /// <summary>As <see cref="Wait"/>, but not for ever.</summary>
    /// <returns>Whether the period has passed.</returns>
    bool TryWait(long number, TimeSpan patience);

    /// <summary>Has the background advance what an owner deferred, until nothing of it waits. Does not throw; the caller holds no lock.</summary>
    /// <remarks>Where no thread can be had <see cref="IDeferred.IsAttended"/> is false again, and the next who defers tries again.</remarks>
    /// <param name="owner">What <see cref="IDeferred.IsAttended"/> is false of; else nothing happens.</param>
    /// <param name="hurry">Much waits: do not collect more first.</param>
    void Attend(IDeferred owner, bool hurry);
}
