using SlabGen.Benchmarks.Allocators.Libraries;

namespace SlabGen.Benchmarks.Allocators;

/// <summary>SlabGen and whatever a user would pick instead, as far as it is there.</summary>
internal static class Peers
{
    public const string SlabGen = "slabgen", Kmalloc = "kmalloc", Native = "native", Mimalloc = "mimalloc", PInvokeSuffix = "-pinvoke";

    private static readonly List<(int Slot, string Name)> s_libraries = [];
    private static readonly List<(string Name, string Problem)> s_absent = [];

    /// <summary>Libraries that were looked for, and what was wrong.</summary>
    public static IReadOnlyList<(string Name, string Problem)> Absent => s_absent;

    /// <summary>Libraries that were found, and the slots that they took.</summary>
    public static IReadOnlyList<(int Slot, string Name)> Libraries => s_libraries;

    /// <summary>Looks for the libraries that Debian has, and for those of the command line. To be called once, first of all.</summary>
    /// <exception cref="ArgumentException">A peer of the command line makes no sense, or there are too many.</exception>
    public static void Find(IEnumerable<string> peers)
    {
        Library[] libraries =
        [
            new(Mimalloc, ["libmimalloc.so.2", "libmimalloc.so", "libmimalloc.so.3"], "mi_malloc", "mi_free", "mi_collect"),
            new("tcmalloc", ["libtcmalloc_minimal.so.4", "libtcmalloc.so.4"], "tc_malloc", "tc_free", "MallocExtension_ReleaseFreeMemory"),
            .. peers.Select(Library.Parse),
        ];
        if (libraries.Length > LibrarySlots.Count)
        {
            throw new ArgumentException($"{libraries.Length - 2} peers were named; there is room for {LibrarySlots.Count - 2}.");
        }

        for (int slot = 0; slot < libraries.Length; slot++)
        {
            (LibraryFunctions? functions, string problem) = libraries[slot].Load();
            if (functions is null)
            {
                s_absent.Add((libraries[slot].Name, problem));
            }
            else
            {
                LibrarySlots.Functions[slot] = functions;
                s_libraries.Add((slot, libraries[slot].Name));
            }
        }
    }

    /// <summary>The allocators of the 64-byte object.</summary>
    public static IReadOnlyList<Peer> Of64 => [new Peer<SlabGen64, NativeObject>(SlabGen), .. Others<Object64>()];

    /// <summary>The allocators of an object of another size.</summary>
    public static IReadOnlyList<Peer> Of<T>()
        where T : unmanaged => [new Peer<SlabGenAllocator<T>, NativeObject>(SlabGen), .. Others<T>()];

    private static IEnumerable<Peer> Others<T>()
        where T : unmanaged =>
    [
        new Peer<KmallocAllocator<T>, NativeObject>(Kmalloc),
        new Peer<NativeAllocator<T>, NativeObject>(Native),
        new Peer<HGlobalAllocator<T>, NativeObject>("hglobal"),
        .. s_libraries.SelectMany(library => OfLibrary<T>(library.Slot, library.Name)),
        new Peer<ClassAllocator<T>, BoxObject<T>>("class"),
        new Peer<ArrayPoolAllocator<T>, ArrayObject>("arraypool"),
        new Peer<ObjectPoolAllocator<T>, BoxObject<T>>("objectpool"),
    ];

    private static Peer[] OfLibrary<T>(int slot, string name)
        where T : unmanaged => slot switch
        {
            0 => OfSlot<LibrarySlot0, T>(name),
            1 => OfSlot<LibrarySlot1, T>(name),
            2 => OfSlot<LibrarySlot2, T>(name),
            3 => OfSlot<LibrarySlot3, T>(name),
            4 => OfSlot<LibrarySlot4, T>(name),
            _ => OfSlot<LibrarySlot5, T>(name),
        };

    private static Peer[] OfSlot<TSlot, T>(string name)
        where TSlot : struct, ILibrarySlot
        where T : unmanaged =>
    [
        new Peer<LibraryAllocator<TSlot, T>, NativeObject>(name),
        new Peer<LibraryPInvokeAllocator<TSlot, T>, NativeObject>(name + PInvokeSuffix),
    ];
}
