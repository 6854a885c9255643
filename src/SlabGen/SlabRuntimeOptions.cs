using System.Globalization;
using SlabGen.Guards;
using SlabGen.Memory;
using SlabGen.Pages;
using SlabGen.Reclaim;
using SlabGen.Checking;
using SlabGen.Slabs;

namespace SlabGen;

/// <summary>
/// The options of a <see cref="SlabRuntime"/>: its sizes, its zones, and how often it gives memory back.
/// </summary>
public sealed partial record SlabRuntimeOptions
{
    private static int s_unnamed; // interlocked

    private readonly long _defaultLimit = MachineMemory.DefaultLimit();
    private readonly long? _memoryLimit;
    private readonly SlabDebug _defaultDebug = DebugVariable.OfOthers;
    private readonly SlabDebug? _debug;
    private readonly bool? _checked;

    /// <summary>
    /// The most bytes that may be held at once, slabs and their metadata included: at least a page, and at most what
    /// the machine or the container has. Requests that may wait stop <see cref="MinFreeBytes"/> short of it. Page
    /// frames come on top: 34 bytes for each page in use, which is 0.8 % with pages of 4 KiB.
    /// </summary>
    /// <remarks>
    /// <para>The default is three quarters of the available memory, by the machine and the limits of the process's
    /// control groups (versions 1 and 2, including the groups above). The rest is for the garbage collector and
    /// everything else. The collector's own limit does not count. A process with a limit of addresses (<c>ulimit
    /// -v</c>) gets half of those that are left, or less if even that fails. A limit that you set is met in full, or
    /// the runtime is not made.</para>
    /// <para>In a container, set the limits of both sides: the collector's by <c>DOTNET_GCHeapHardLimit</c>
    /// (hexadecimal) or <c>System.GC.HeapHardLimit</c>, and SlabGen's by this. Leave a tenth of the container's memory,
    /// at least 100 MB, to stacks, code and the system. If neither is set, the collector also takes up to three
    /// quarters of the container, and both together are more than there is. Free memory then goes back under pressure,
    /// but live memory does not.</para>
    /// </remarks>
    public long MemoryLimit
    {
        get => _memoryLimit ?? _defaultLimit;
        init => _memoryLimit = value;
    }

    /// <summary>
    /// What metrics and events call the runtime: 1 to 256 UTF-16 units without white space and invisible characters.
    /// Runtimes that have one name are summed in metrics. By default <c>default</c> for
    /// <see cref="SlabRuntime.Default"/>, and a number for others.
    /// </summary>
    public string? Name { get; init; }

    /// <summary>
    /// The number of processors to lay slabs out for. With more of them, a slab has more objects
    /// (<c>calculate_order</c>).
    /// </summary>
    public int Processors { get; init; } = Environment.ProcessorCount;

    /// <summary>
    /// Verify every call at once (<see cref="SlabCacheOptions.Checked"/>). By default what the environment variable
    /// <c>SLABGEN_DEBUG</c> says: <c>on</c>, <c>1</c>, <c>true</c> or <c>yes</c>, or <c>off</c>, <c>0</c>,
    /// <c>false</c>, <c>no</c> or <c>-</c>; or blocks as in the kernel's <c>slab_debug</c>, <c>F</c> or <c>-</c> with
    /// the names of caches (<c>F,orders,kmalloc-*;-,lines</c>); else what the build of the program says: a debug build
    /// checks, unless its <c>SlabGenMode</c> says otherwise (<c>SlabGen.Checked</c> in <c>runtimeconfig.json</c>).
    /// </summary>
    /// <exception cref="InvalidOperationException">Of the constructor: the variable, or the setting, has another value.
    /// The message names it.</exception>
    public bool Checked
    {
        get => Debug != SlabDebug.None;
        init => _checked = value;
    }

    /// <summary>
    /// What caches do to find misuse, if nothing else says it (<see cref="SlabCacheOptions.Debug"/>). By default the
    /// letters of <c>SLABGEN_DEBUG</c>: <c>FZPU</c>, or blocks as in the kernel's <c>slab_debug</c>,
    /// <c>FZ,orders;P,kmalloc-*</c>; else those that the build has in <c>SlabGenDebug</c> (<c>SlabGen.Debug</c> in
    /// <c>runtimeconfig.json</c>); else what <see cref="Checked"/> says. An unknown letter is refused by name.
    /// </summary>
    public SlabDebug Debug
    {
        get => _debug is { } letters ? letters | (_checked == true ? SlabDebug.Checks : 0) : (_checked switch
        {
            null => _defaultDebug,
            true => _defaultDebug | SlabDebug.Checks,
            false => SlabDebug.None,
        });
        init => _debug = value;
    }

    /// <summary>
    /// How long free objects and pages may lie idle before they are taken back unasked: 10 ms to 1 hour. At most twice
    /// that time passes. <see cref="Timeout.InfiniteTimeSpan"/> never takes them. The default is libumem's 10 s.
    /// </summary>
    public TimeSpan ReapInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The set of zones, and where they lie.</summary>
    public ZoneLayout Layout { get; init; }

    /// <summary>How the system backs the memory of <see cref="ZoneKind.Dma"/>.</summary>
    public ZoneOptions Dma { get; init; } = new();

    /// <summary>How the system backs the memory of <see cref="ZoneKind.Dma32"/>.</summary>
    public ZoneOptions Dma32 { get; init; } = new();

    /// <summary>How the system backs the memory of <see cref="ZoneKind.Normal"/>.</summary>
    public ZoneOptions Normal { get; init; } = new();

    /// <summary>The pages that have no address until they are mapped; none by default.</summary>
    public HighMemOptions HighMem { get; init; } = new();

    /// <summary>
    /// Bytes that all zones together keep for requests which may not wait: 0 to half of the memory limit
    /// (<c>vm.min_free_kbytes</c>). The default is the kernel's rule: the square root of 16 times the limit, both in
    /// KiB. That is 4 MiB of 1 GiB, and 16 MiB of 16 GiB. Below 16 MiB it is a 32nd of the limit.
    /// </summary>
    public long? MinFreeBytes { get; init; }

    /// <summary>
    /// The least distance between two watermarks, in ten-thousandths of a zone: 1 to 3000
    /// (<c>vm.watermark_scale_factor</c>).
    /// </summary>
    public int WatermarkScaleFactor { get; init; } = 10;

    /// <summary>
    /// How often an object lies beside an inaccessible page, so that a wrong access is found and reported; null for
    /// never. By default what the environment variable <c>SLABGEN_GUARD</c> says: <c>on</c>, <c>off</c>, or the
    /// interval, as <c>100ms</c>; nothing is never.
    /// </summary>
    /// <exception cref="InvalidOperationException">Of the constructor: the variable has another value. The message
    /// names it.</exception>
    public GuardSampling? GuardSampling { get; init; } = GuardVariable.Read();

    /// <summary>
    /// Whether the zones lie at random addresses, each at its own: one place of some 16 million on x64, chosen by
    /// random numbers of cryptographic strength. Without, they lie where the system puts them: one beside another. Not
    /// those that are low. It costs nothing.
    /// </summary>
    public bool RandomAddresses { get; init; }

    /// <summary>
    /// Whether an allocation takes any of the free objects in the thread's magazine, at random, and not the one that
    /// was freed last; and the objects of a new slab come in random order (<see cref="SlabCacheOptions.RandomOrder"/>).
    /// Calls leave the fast path. Where the magazine has few objects, there is little to choose from: up to 253 of 64
    /// bytes, 13 of 2 KiB, 1 above 32 KiB. The random numbers are not of cryptographic strength. Without
    /// <see cref="Checked"/> each call takes a lock, with it none.
    /// </summary>
    public bool RandomReuse { get; init; }

    /// <summary>
    /// Whether an object is cleared when it is freed, as by <see cref="SlabCacheOptions.Zeroing"/>, in every cache that
    /// says nothing else; an object that is freed later (<see cref="KmemCache.FreeDeferred"/>), when its readers have
    /// gone. Not in caches with a constructor or a destructor, whose free objects are constructed ones, nor with
    /// <see cref="SlabCacheOptions.TypeSafeByRcu"/>. Blocks of <see cref="Kmalloc"/> too; not those of
    /// <see cref="PageAllocator"/>. Calls leave the fast path: without <see cref="Checked"/> each takes a lock.
    /// </summary>
    public bool ZeroOnFree { get; init; }

    /// <summary>
    /// Whether addresses that were a cache's stay the cache's, until it is destroyed: its pages give their memory back,
    /// but no other cache gets their addresses, and no block of whole pages. So a pointer that is used after its object
    /// was freed meets an object of the same cache, from its first byte, or zeros; never one of another type. Slabs
    /// have no colours then (<see cref="SlabCacheOptions.Coloring"/>).
    /// </summary>
    /// <remarks>
    /// Addresses are then used up that no memory lies behind: the zone has sixteen times as many as the limit. If a
    /// program's caches have their peaks one after another, and together exceed that, allocations fail. Page frames
    /// stay, 34 bytes for each page of addresses that was ever used, and 512 more in checked mode, on top of the limit.
    /// Not with <see cref="ZoneLayout.Classic"/>, whose addresses are few, nor with <see cref="HugePages.Reserved"/>,
    /// whose memory goes back by huge pages. Slabs in zones of low addresses, and in high memory, share these with
    /// blocks of whole pages.
    /// </remarks>
    public bool TypeStable { get; init; }

    /// <summary>
    /// Whether behind each slab lies an inaccessible page, so that who writes past its end faults, and reaches no other
    /// slab. Slabs then have at least two pages, of which one is the guard: 6 % to 50 % of the memory limit, by the
    /// slab's size. Making a slab takes two system calls more, and two of the mappings that the system lets a process
    /// have (Linux: <c>vm.max_map_count</c>). When most of these are used, slabs have no guards, and
    /// <see cref="Zone.Shortage"/> says so. Not in high memory; not with <see cref="HugePages.Reserved"/>.
    /// </summary>
    public bool GuardPages { get; init; }

    /// <summary>The source of memory.</summary>
    internal IOsMemory Memory { get; init; } = OsMemory.Current;

    /// <summary>Knows when the machine is short of memory.</summary>
    internal PressureMonitor Pressure { get; init; } = PressureMonitor.OfProcess;

    /// <summary>The nodes of the machine.</summary>
    internal NumaTopology Topology { get; init; } = NumaTopology.Current;

    /// <summary>The end of <see cref="ZoneKind.Dma"/>, in bytes, in both layouts. Tests make it smaller.</summary>
    internal long DmaEnd { get; init; } = 16 << 20;

    /// <summary>The end of <see cref="ZoneKind.Dma32"/>, in bytes.</summary>
    internal long Dma32End { get; init; } = 1L << 32;

    /// <summary>The end of <see cref="ZoneKind.Normal"/> in the classic layout, in bytes.</summary>
    internal long ClassicNormalEnd { get; init; } = 896 << 20;

    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    internal void Validate()
    {
        ArgumentNullException.ThrowIfNull(Dma);
        ArgumentNullException.ThrowIfNull(Dma32);
        ArgumentNullException.ThrowIfNull(Normal);
        ArgumentNullException.ThrowIfNull(HighMem);
        if (HighMem.Path is not null)
        {
            ArgumentException.ThrowIfNullOrWhiteSpace(HighMem.Path, nameof(HighMem) + "." + nameof(HighMem.Path));
            int nul = HighMem.Path.IndexOf('\0', StringComparison.Ordinal);
            if (nul >= 0)
            {
                throw new ArgumentException($"SlabRuntimeOptions.HighMem.Path {ShownText.Quote(HighMem.Path)} has the character U+0000 at index {nul}, which no path has.", nameof(HighMem) + "." + nameof(HighMem.Path));
            }
        }

        Check(MemoryLimit, Page.Size, long.MaxValue, nameof(MemoryLimit));
        Check(Processors, 1, 65536, nameof(Processors));
        Check(HighMem.Bytes, HighMem.Bytes == 0 ? 0 : Page.Size, Memory.MaxReservation,
            nameof(HighMem) + "." + nameof(HighMem.Bytes));
        Check(HighMem.MappedPages, 1, 16384, nameof(HighMem) + "." + nameof(HighMem.MappedPages));
        Check(MinFreeBytes ?? 0, 0, MemoryLimit / 2, nameof(MinFreeBytes));
        if (Name is not null)
        {
            ObjectName.Validate(Name, "runtime");
        }

        Check(WatermarkScaleFactor, 1, 3000, nameof(WatermarkScaleFactor));
        GuardSampling?.Validate();
        if (ReapInterval != Timeout.InfiniteTimeSpan
            && (ReapInterval < TimeSpan.FromMilliseconds(10) || ReapInterval > TimeSpan.FromHours(1)))
        {
            throw new ArgumentOutOfRangeException(nameof(ReapInterval), ReapInterval, "SlabRuntimeOptions.ReapInterval must be from 10 ms to 1 hour, or infinite.");
        }

        Check((long)Layout, 0, (long)ZoneLayout.Classic, nameof(Layout));
        Check(Dma);
        Check(Dma32);
        Check(Normal);
        ValidateHardening();
        if (_memoryLimit > MachineMemory.Bytes)
        {
            throw new ArgumentOutOfRangeException(
                nameof(MemoryLimit), MemoryLimit, $"SlabRuntimeOptions.MemoryLimit is above the {MachineMemory.Bytes} bytes that the machine or its control group has.");
        }
    }

    internal PageOptions ToPageOptions(SlabFaults faults) => new()
    {
        Name = Name ?? Interlocked.Increment(ref s_unnamed).ToString(CultureInfo.InvariantCulture),
        LimitPages = Math.Min(Math.Min(MemoryLimit, Memory.MaxReservation) >> Page.Shift, uint.MaxValue >> 1),
        LimitShrinks = _memoryLimit is null,
        Processors = Processors,
        Layout = Layout,
        Dma = Dma,
        Dma32 = Dma32,
        Normal = Normal,
        HighMem = HighMem,
        MinFreeBytes = MinFreeBytes,
        WatermarkScaleFactor = WatermarkScaleFactor,
        Memory = new FaultingMemory(Memory, faults),
        Faults = faults,
        Topology = Topology,
        DmaEnd = DmaEnd,
        Dma32End = Dma32End,
        ClassicNormalEnd = ClassicNormalEnd,
        Guards = GuardSampler.Of(GuardSampling),
        RandomAddresses = RandomAddresses,
        KeepsAddresses = TypeStable,
        ZeroesBlocks = ZeroOnFree,
    };

    private static void Check(ZoneOptions zone)
    {
        Check((long)zone.HugePages, 0, (long)HugePages.Reserved,
            nameof(ZoneOptions) + "." + nameof(ZoneOptions.HugePages));
        Check((long)zone.Pinning, 0, (long)Pinning.Required, nameof(ZoneOptions) + "." + nameof(ZoneOptions.Pinning));
    }

    private static void Check(long value, long least, long most, string option)
    {
        if (value < least || value > most)
        {
            throw new ArgumentOutOfRangeException(option, value, $"SlabRuntimeOptions.{option} must be from {least} to {most}.");
        }
    }
}
