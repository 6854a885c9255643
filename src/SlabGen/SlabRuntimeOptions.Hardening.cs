using SlabGen.Memory;
using SlabGen.Slabs;

namespace SlabGen;

// What makes a mistake of the program harder to use against it. Each is off by default.
public sealed partial record SlabRuntimeOptions
{
    /// <summary>
    /// Options for a program that would rather be slower than let a mistake be used against it: every one of
    /// <see cref="Checked"/>, <see cref="GuardSampling"/>, <see cref="RandomAddresses"/>, <see cref="RandomReuse"/>,
    /// <see cref="ZeroOnFree"/>, <see cref="TypeStable"/> and <see cref="GuardPages"/>. Change what you like by
    /// <c>with</c>.
    /// </summary>
    /// <remarks>
    /// What each promises and costs is in the table of <c>tests/README.md</c>. A cache may still say
    /// <see cref="SlabCacheOptions.Checked"/> = <see langword="false"/>: then its calls are not checked. Metadata lies
    /// out of reach of objects in every mode.
    /// </remarks>
    /// <example><code><![CDATA[
    /// SlabRuntime.ConfigureDefault(SlabRuntimeOptions.Hardened with { MemoryLimit = 256 << 20 });
    /// ]]></code></example>
    public static SlabRuntimeOptions Hardened => new()
    {
        Checked = true,
        GuardSampling = new GuardSampling(),
        RandomAddresses = true,
        RandomReuse = true,
        ZeroOnFree = true,
        TypeStable = true,
        GuardPages = true,
    };

    /// <exception cref="ArgumentException">Two options contradict each other.</exception>
    private void ValidateHardening()
    {
        if (TypeStable && Layout == ZoneLayout.Classic)
        {
            throw Contradiction(nameof(TypeStable), $"{nameof(ZoneLayout)}.{nameof(ZoneLayout.Classic)}, whose addresses are no more than the limit");
        }

        bool reserved = Dma.HugePages == HugePages.Reserved || Dma32.HugePages == HugePages.Reserved
            || Normal.HugePages == HugePages.Reserved;
        if (reserved && (TypeStable || GuardPages))
        {
            throw Contradiction(TypeStable ? nameof(TypeStable) : nameof(GuardPages), "HugePages.Reserved, of which no page can be taken away alone");
        }
    }

    /// <summary>The options of a cache of this runtime: its own, and what the runtime adds.</summary>
    internal SlabCacheOptions Harden(SlabCacheOptions options, bool hasLife)
    {
        bool clears = ZeroOnFree && !hasLife && !options.TypeSafeByRcu && options.Zeroing == SlabZeroing.None;
        return !clears && !RandomReuse && !TypeStable && !GuardPages ? options : options with
        {
            RandomOrder = options.RandomOrder || RandomReuse,
            Coloring = options.Coloring && !TypeStable, // else a stale pointer might meet the middle of an object
            Zeroing = clears ? SlabZeroing.OnFree : options.Zeroing,
            ZeroesDeferred = clears,
            RandomReuse = RandomReuse,
            TypeStable = TypeStable,
            GuardBytes = GuardPages && options.Zone != ZoneKind.HighMem ? Page.Size : 0,
        };
    }

    private static ArgumentException Contradiction(string option, string other) =>
        new($"SlabRuntimeOptions.{option} does not go with {other}.", option);
}
