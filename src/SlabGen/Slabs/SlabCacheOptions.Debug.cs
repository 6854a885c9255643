using SlabGen.Checking;

namespace SlabGen;

// What is done to find misuse.
public sealed partial record SlabCacheOptions
{
    private const SlabDebug AllLetters = SlabDebug.Full | SlabDebug.Trace;

    /// <summary>
    /// Verifies every call at once instead of when a magazine is emptied. Magazines stay, and no lock is taken for it;
    /// it takes an eighth of the slabs' memory, on top of the limit. By default the runtime decides
    /// (<see cref="SlabRuntimeOptions.Checked"/>).
    /// </summary>
    public bool? Checked { get; init; }

    /// <summary>
    /// Set by generated classes of a debug build: every call is verified, unless
    /// <see cref="Checked"/> says otherwise or <c>SLABGEN_DEBUG</c> turns checking off.
    /// </summary>
    public bool CheckedByBuild { get; init; }

    /// <summary>
    /// What is done to find misuse (the flags of <c>kmem_cache_create</c> that the kernel's <c>slab_debug</c> sets). By
    /// default what <c>SLABGEN_DEBUG</c> says of the cache by its name, else what the runtime does
    /// (<see cref="SlabRuntimeOptions.Debug"/>).
    /// </summary>
    /// <remarks>
    /// What a cache cannot have is left out, as in the kernel: <see cref="SlabDebug.Poison"/> with a constructor or
    /// <see cref="TypeSafeByRcu"/>, and red zones and tracks of objects that fill the largest slab alone.
    /// <see cref="CacheSnapshot.Debug"/> says what is in effect. Objects are then further apart, and slabs may have a
    /// higher <see cref="Order"/> than asked for. Each call takes a lock, except with <see cref="SlabDebug.Checks"/>
    /// alone.
    /// </remarks>
    public SlabDebug? Debug { get; init; }

    /// <exception cref="ArgumentException">They contradict each other.</exception>
    internal void ValidateDebug(string cacheName)
    {
        if ((Debug & ~AllLetters) is not (null or SlabDebug.None))
        {
            throw Refuse(cacheName, nameof(Debug), Debug!, $"must be made of {string.Join(", ", Enum.GetNames<SlabDebug>())}");
        }

        if (Checked == false && Debug is not (null or SlabDebug.None))
        {
            throw Refuse(cacheName, nameof(Debug), Debug.Value, $"does not go with {nameof(Checked)} = false: all of them check");
        }
    }

    /// <summary>
    /// What is done: by what the program says, else the environment, else the build, else the runtime.
    /// </summary>
    internal SlabDebug LettersOf(string cacheName, SlabDebug ofRuntime, bool hasLife)
    {
        SlabDebug letters = Debug ?? (Checked == false ? SlabDebug.None
            : DebugVariable.ReadOf(cacheName)
                ?? (CheckedByBuild && DebugVariable.Read() != SlabDebug.None ? ofRuntime | SlabDebug.Checks : ofRuntime));
        letters = letters != SlabDebug.None || Checked == true ? letters | SlabDebug.Checks : letters;
        return hasLife || TypeSafeByRcu ? letters & ~SlabDebug.Poison : letters;
    }
}
