using System.Runtime.CompilerServices;
using SlabGen.Guards;
using SlabGen.Memory;
using SlabGen.Zones;

namespace SlabGen.Checking;

/// <summary>
/// What checked mode knows of the objects of one cache: a byte for each, far from it, in the map of its zone
/// (<see cref="Zone.ObjectStates"/>; the shadow memory of KASAN). With it a free looks at the pointer before anything
/// is done with it, and magazines stay.
/// </summary>
/// <remarks>
/// <para><b>Place.</b> The map has a byte for each eight bytes of the zone, because objects are aligned to eight: the
/// byte of an address is found by a shift, without the slab. It is <see cref="None"/> where no object starts. So one
/// load tells an interior pointer, a free object and a live one apart, and the page's cache id the rest. The map serves
/// nothing else while the zone lives: a bad pointer that is looked at while its slab goes meets a byte of the map,
/// never memory that has become another's. It costs an eighth of the slabs' memory, on top of the limit, as page frames
/// do.</para>
/// <para><b>Who writes a byte.</b> Under the list lock, when a slab is made, emptied or discarded, or an object of it
/// moved: of objects that no caller holds. Else whoever holds the object, without a lock: the thread that took it out
/// of a magazine makes it <see cref="Live"/> before it hands it out; the thread that frees it makes it
/// <see cref="Free"/> before it puts it into one. Gates, depot and list lock order these, for the next thread that
/// takes it; the user's own synchronization does, for one that got the pointer from its user.</para>
/// <para><b>Two threads that free one object at the same time</b> may both find it live, for there is no atomic
/// instruction (an exchange in each free takes 1.5 ns more). Then it lies in two magazines. Mostly it gets no second
/// owner: the take asks too, and who takes the second copy while the first one is out finds it live, drops the copy,
/// and throws. A copy that comes home first is found by the slab's bitmap. Two owners need one more coincidence: both
/// copies taken within the same few instructions, or a thread that is interrupted between the load and the store of its
/// free, and writes <see cref="Free"/> over the next owner's <see cref="Live"/>.</para>
/// <para><b>Guarded objects</b> lie in no zone and have no byte: the slabs look at them, with the list lock.</para>
/// <para><b>Invariants.</b> An object that is free in its slab's bitmap, or lies in a magazine, is
/// <see cref="Free"/>.</para>
/// </remarks>
internal sealed unsafe class ObjectStates
{
    /// <summary>No object starts here.</summary>
    public const byte None = 0;

    /// <summary>Free: in its slab, in a magazine, or on the way between them.</summary>
    public const byte Free = 1;

    /// <summary>A user has it, by its address.</summary>
    public const byte Live = 2;

    /// <summary>A user has it, by a handle: its address does not free it.</summary>
    public const byte Held = 3;

    /// <summary>Freed, and waits for a grace period.</summary>
    public const byte Waiting = 4;

    private const int AlignmentMask = (1 << Zone.ObjectStateShift) - 1;

    private readonly PageAllocator _pages;
    private readonly Zone _near; // where nearly all objects lie
    private readonly nint _start;
    private readonly nuint _bytes; // 0 where the system refused the map: then every look-up is a slow one
    private readonly byte* _map; // of address 0
    private readonly ushort* _ids;
    private readonly uint _id, _nearId; // the second is nobody's where there is no map

    /// <param name="pages">Where the slabs lie.</param>
    /// <param name="id">The id of the cache.</param>
    public ObjectStates(PageAllocator pages, uint id)
    {
        _pages = pages;
        _near = pages.Normal;
        _start = _near.Start;
        _bytes = _near.TryMakeObjectStates() ? (nuint)_near.SpannedPages << Page.Shift : 0;
        _map = _near.ObjectStates - (_start >> Zone.ObjectStateShift);
        _ids = _near.CacheIds;
        _id = id;
        _nearId = _bytes == 0 ? uint.MaxValue : id;
    }

    /// <summary>Marks a free object live, before it is handed out.</summary>
    /// <returns><see langword="false"/> when it is not free: it was freed by two threads at once.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryTake(nint address)
    {
        // It comes out of a magazine: where it lies in the near zone, its page is online.
        byte* state = (nuint)(address - _start) < _bytes ? Near(address) : FindElsewhere(address);
        if (state == null || *state != Free)
        {
            return state == null && GuardRange.Contains(address);
        }

        *state = Live;
        return true;
    }

    /// <summary>Marks a live object free, before it goes where free ones are.</summary>
    /// <returns><see langword="false"/> when it is none (<see cref="FaultOf"/>).</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryFree(nint address) => TryChange(address, Free);

    /// <summary>Marks a live object as one that waits for a grace period.</summary>
    /// <inheritdoc cref="TryFree"/>
    public bool TryDefer(nint address) => TryChange(address, Waiting);

    /// <summary>Writes the state of an object of this cache, which the caller holds; a guarded one has none.</summary>
    public void Set(nint address, byte state)
    {
        byte* place = Find(address);
        if (place != null)
        {
            *place = state;
        }
    }

    /// <summary>The state at an address of this cache.</summary>
    public byte Of(nint address) => Find(address) is var state && state == null ? None : *state;

    /// <summary>What is wrong with an address as one of a live object that may be freed.</summary>
    public SlabFault Check(nint address)
    {
        byte* state = Find(address);
        return (state == null ? None : Volatile.Read(ref *state)) switch
        {
            Live => SlabFault.None,
            Held => SlabFault.HasHandle,
            Free or Waiting => SlabFault.DoubleFree,
            _ => FaultOfNoObject(address),
        };
    }

    /// <summary>What is wrong with an address that could not be freed.</summary>
    public SlabFault FaultOf(nint address) =>
        Check(address) is not SlabFault.None and var fault ? fault : SlabFault.DoubleFree; // another freed it meanwhile

    /// <summary>A new slab: all its objects are free. Under the list lock, before its pages bear the id.</summary>
    /// <param name="zone">The zone, whose map was made.</param>
    /// <param name="memory">The first object.</param>
    /// <param name="objects">How many.</param>
    /// <param name="size">The bytes from one to the next.</param>
    public static void MakeFree(Zone zone, nint memory, int objects, int size)
    {
        byte* state = zone.ObjectStates + ((memory - zone.Start) >> Zone.ObjectStateShift);
        for (int step = size >> Zone.ObjectStateShift; objects > 0; objects--, state += step)
        {
            *state = Free;
        }
    }

    /// <summary>No object starts in these pages any more.</summary>
    public static void Clear(Zone zone, uint block, int pages)
    {
        int perPage = Page.Size >> Zone.ObjectStateShift;
        new Span<byte>(zone.ObjectStates + ((long)block * perPage), pages * perPage).Clear();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TryChange(nint address, byte to)
    {
        byte* state = Find(address);
        if (state == null || *state != Live)
        {
            return false;
        }

        *state = to;
        return true;
    }

    /// <summary>The byte of an address; null where it lies in no slab of this cache, or no object can start.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private byte* Find(nint address)
    {
        nuint page = (nuint)(address - _start) >> Page.Shift;
        return page < _near.ReachablePages && Volatile.Read(ref _ids[page]) == _nearId && (address & AlignmentMask) == 0
            ? Near(address)
            : FindElsewhere(address);
    }

    private byte* Near(nint address) => _map + (address >> Zone.ObjectStateShift);

    /// <summary>In another zone, or of a cache whose id is too high for the table of ids.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private byte* FindElsewhere(nint address) =>
        (address & AlignmentMask) == 0 && _pages.TryGetFrame(address, out Zone? zone, out PageFrame* frame)
            && Volatile.Read(ref frame->Private) == _id && zone.ObjectStates != null
            ? zone.ObjectStates + ((address - zone.Start) >> Zone.ObjectStateShift)
            : null;

    private SlabFault FaultOfNoObject(nint address)
    {
        if (address == 0)
        {
            return SlabFault.NullPointer;
        }

        uint id = _pages.TryGetFrame(address, out _, out PageFrame* frame) ? Volatile.Read(ref frame->Private) : 0;
        return id == _id ? SlabFault.InteriorPointer : id == 0 ? SlabFault.ForeignPointer : SlabFault.WrongCache;
    }
}
