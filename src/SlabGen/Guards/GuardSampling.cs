using SlabGen.Guards;

namespace SlabGen;

/// <summary>
/// How often an allocation gets an object on a page of its own, beside an inaccessible page (KFENCE, GWP-ASan). An
/// access beyond such an object, or after it was freed, faults, and a report is written to standard error before the
/// process ends.
/// </summary>
/// <remarks>
/// <para>An object is chosen where a magazine has run out, never on the fast path. Most objects are not guarded: this
/// finds in many processes, or in a long time, what tests did not find. It is meant for production.</para>
/// <para>It is there on Linux (x64 and Arm64). Where it is not, <see cref="SlabRuntime.GuardRefusal"/> says why. Not
/// guarded are objects larger than a page, those of caches with a constructor or a destructor, with
/// <see cref="SlabCacheOptions.TypeSafeByRcu"/>, or in locked memory (<see cref="ZoneOptions.Pinning"/>), those
/// allocated many at once, and those asked for on a node.</para>
/// <para>The pages come on top of <see cref="SlabRuntimeOptions.MemoryLimit"/>: one for each live guarded object. A
/// system call to which a guarded address is passed does not fault. It fails with <c>EFAULT</c>.</para>
/// </remarks>
/// <example><code><![CDATA[
/// var runtime = new SlabRuntime(new SlabRuntimeOptions { GuardSampling = new GuardSampling() });
/// ]]></code></example>
public sealed record GuardSampling
{
    /// <summary>
    /// The time between two guarded objects of a runtime, on average: 0 to 1 hour. 0 guards every allocation that finds
    /// no object in the magazine, which is for tests. The default is KFENCE's 100 ms.
    /// </summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// The most guarded objects of a runtime that are live at once: at least 1. The process has room for 119, with
    /// pages of 4 KiB, and all runtimes share it. A freed object keeps its page until the room is needed.
    /// </summary>
    public int MaxObjects { get; init; } = 64;

    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    internal void Validate()
    {
        if (Interval < TimeSpan.Zero || Interval > TimeSpan.FromHours(1))
        {
            throw new ArgumentOutOfRangeException(nameof(Interval), Interval, "GuardSampling.Interval must be from 0 to 1 hour.");
        }

        if (MaxObjects < 1)
        {
            throw new ArgumentOutOfRangeException(nameof(MaxObjects), MaxObjects, "GuardSampling.MaxObjects must be at least 1.");
        }
    }
}
