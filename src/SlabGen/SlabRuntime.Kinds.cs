namespace SlabGen;

// The process's runtimes besides the default one, with locked memory or huge pages.
public sealed partial class SlabRuntime
{
    // Indexed by pinning and huge pages. Each is written once, under the lock of the default runtime, and read without
    // it.
    private static readonly SlabRuntime?[] s_kinds =
        new SlabRuntime?[((int)Pinning.Required + 1) * ((int)HugePages.Reserved + 1)];

    /// <summary>Whether the process shares this runtime. It cannot be disposed then.</summary>
    private bool IsOfProcess => this == Volatile.Read(ref s_default) || Array.IndexOf(s_kinds, this) >= 0;

    /// <summary>
    /// The shared runtime for objects in locked memory or in huge pages. <c>[SlabCache(Pinning = …, HugePages = …)]</c>
    /// puts a generated class there. It is like <see cref="Default"/>, except that each of its zones has at least what
    /// is asked for. If the zones of <see cref="Default"/> have that already, it is <see cref="Default"/> itself. It
    /// cannot be disposed.
    /// </summary>
    /// <remarks>
    /// A zone is locked, or in huge pages, as a whole. So the objects of a kind lie together, apart from all others.
    /// Each such runtime has its own limit, equal to the <see cref="SlabRuntimeOptions.MemoryLimit"/> of
    /// <see cref="Default"/>. The limits add up. <see cref="SlabInfo"/> and the other texts show one runtime at a time.
    /// <see cref="Zone.Backing"/> and <see cref="Zone.Shortage"/> of its <see cref="Pages"/> say what the system did
    /// not grant. With <see cref="Pinning.Required"/> an allocation then fails.
    /// </remarks>
    /// <param name="pinning">The minimum setting of <see cref="ZoneOptions.Pinning"/> for its zones.</param>
    /// <param name="hugePages">The minimum setting of <see cref="ZoneOptions.HugePages"/> for its zones.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such kind.</exception>
    public static SlabRuntime Of(Pinning pinning, HugePages hugePages)
    {
        if (!Enum.IsDefined(pinning))
        {
            throw new ArgumentOutOfRangeException(nameof(pinning), pinning, $"Pinning must be one of {string.Join(", ", Enum.GetNames<Pinning>())}.");
        }

        if (!Enum.IsDefined(hugePages))
        {
            throw new ArgumentOutOfRangeException(nameof(hugePages), hugePages, $"HugePages must be one of {string.Join(", ", Enum.GetNames<HugePages>())}.");
        }

        int kind = ((int)pinning * ((int)HugePages.Reserved + 1)) + (int)hugePages;
        return kind == 0 ? Default : Volatile.Read(ref s_kinds[kind]) ?? MakeKind(kind, pinning, hugePages);
    }

    private static SlabRuntime MakeKind(int kind, Pinning pinning, HugePages hugePages)
    {
        SlabRuntime usual = Default; // before the lock, because it takes that lock
        SlabRuntimeOptions options = usual._options.WithZones(zone => new ZoneOptions
        {
            Pinning = zone.Pinning > pinning ? zone.Pinning : pinning,
            HugePages = zone.HugePages > hugePages ? zone.HugePages : hugePages,
        });
        using (s_defaultLock.Hold())
        {
            if (s_kinds[kind] is null)
            {
                Volatile.Write(ref s_kinds[kind],
                    options == usual._options
                        ? usual
                        : s_kinds.FirstOrDefault(made => made?._options == options) ?? new SlabRuntime(options));
            }

            return s_kinds[kind]!;
        }
    }
}
