using SlabGen.Checking;

namespace SlabGen;

// What is done to find misuse.
public sealed partial record SlabCacheOptions
{
    private const SlabDebug AllLetters = SlabDebug.Full | SlabDebug.Trace | SlabDebug.Quarantine;

    /// <exception cref="ArgumentException">They contradict each other.</exception>
    internal void ValidateDebug(string cacheName)
    {
        if ((Debug & ~AllLetters) is not (null or SlabDebug.None))
        {
            throw Refuse(cacheName, nameof(Debug), Debug!, $"must be made of {string.Join(", ", Enum.GetNames<SlabDebug>())}");
        }

        RefuseNegative(cacheName, nameof(QuarantineBytes), QuarantineBytes ?? 0);
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
                ?? (CheckedByBuild && DebugVariable.Read() != SlabDebug.None
                    ? ofRuntime | SlabDebug.Checks : ofRuntime));
        letters = letters != SlabDebug.None || Checked == true ? letters | SlabDebug.Checks : letters;
        letters |= QuarantineBytes > 0 && letters != SlabDebug.None ? SlabDebug.Quarantine : SlabDebug.None;
        letters &= QuarantineBytes == 0 ? ~SlabDebug.Quarantine : ~SlabDebug.None;
        letters |= (letters & SlabDebug.Quarantine) != 0 ? SlabDebug.Poison : SlabDebug.None;
        return hasLife || TypeSafeByRcu ? letters & ~SlabDebug.Poison : letters;
    }
}
