using SlabGen.Memory;
using SlabGen.Zones;

namespace SlabGen.Checking;

/// <summary>
/// Where the marks lie of an object of a cache with letters (<see cref="SlabDebug"/>), and what they are. Pure
/// arithmetic, after the kernel's <c>calculate_sizes</c>, <c>init_object</c> and <c>check_object</c>.
/// </summary>
/// <remarks>
/// From low to high: the left red zone, as long as the alignment, so that the object keeps it; the object; the right
/// red zone, up to the next word, and a whole word where the object ends at one; two tracks
/// (<see cref="ObjectMarks"/>); padding. What is not asked for is not there.
/// </remarks>
internal sealed class MarkedLayout
{
    private const byte RedInactive = 0xbb, RedActive = 0xcc, InUse = 0x5a, FreeByte = 0x6b, FreeEnd = 0xa5;
    private const int Word = 8;

    /// <summary>The bytes of a track, and the tracks of an object: its allocation and its free.</summary>
    public const int TrackBytes = 16, Tracks = 2;

    private MarkedLayout(SlabDebug letters, int objectSize, int alignment)
    {
        Letters = letters;
        ObjectSize = objectSize;
        bool isRed = Has(SlabDebug.RedZones), isUsers = Has(SlabDebug.Users);
        LeftZone = isRed ? (int)Page.RoundUp(Word, alignment) : 0;
        RedEnd = isRed ? (objectSize / Word * Word) + Word : objectSize;
        TrackStart = (int)Page.RoundUp(RedEnd, Word);
        int end = isUsers ? TrackStart + (Tracks * TrackBytes) : RedEnd;
        Size = (int)Page.RoundUp((long)LeftZone + end, alignment);
        End = Size - LeftZone;
        Live = RegionsOf(isFree: false, end);
        Free = RegionsOf(isFree: true, end);
    }

    /// <summary>The letters that are in effect.</summary>
    public SlabDebug Letters { get; }

    public int ObjectSize { get; }

    /// <summary>The bytes before an object: its left red zone.</summary>
    public int LeftZone { get; }

    /// <summary>Where the right red zone ends, from the start of the object; its size if there is none.</summary>
    public int RedEnd { get; }

    /// <summary>Where the tracks begin.</summary>
    public int TrackStart { get; }

    /// <summary>Where the padding ends, and with it what belongs to the object.</summary>
    public int End { get; }

    /// <summary>The bytes from one object to the next.</summary>
    public int Size { get; }

    /// <summary>What must hold its bytes while the object is live.</summary>
    public MarkedRegion[] Live { get; }

    /// <summary>What must hold its bytes while it is free.</summary>
    public MarkedRegion[] Free { get; }

    public bool Has(SlabDebug letter) => (Letters & letter) != 0;

    /// <summary>The layout for letters; null where there is nothing to lay out.</summary>
    /// <param name="letters">What is asked for.</param>
    /// <param name="objectSize">Bytes of an object.</param>
    /// <param name="alignment">Its alignment.</param>
    /// <param name="isAlone">Whether it fills its slab, whose size is to stay.</param>
    /// <remarks>An object that would not fit into the largest slab any more has no red zones and no tracks.</remarks>
    public static MarkedLayout? Of(SlabDebug letters, int objectSize, int alignment, bool isAlone)
    {
        if ((letters & ~SlabDebug.Checks) == 0)
        {
            return null;
        }

        const SlabDebug takesRoom = SlabDebug.RedZones | SlabDebug.Users;
        var layout = new MarkedLayout(isAlone ? letters & ~takesRoom : letters, objectSize, alignment);
        return layout.Size <= Page.Size << BuddyAllocator.MaxOrder
            ? layout : new MarkedLayout(letters & ~takesRoom, objectSize, alignment);
    }

    /// <summary>The kernel's order: zones, padding, poison.</summary>
    private MarkedRegion[] RegionsOf(bool isFree, int end)
    {
        var regions = new List<MarkedRegion>();
        byte red = isFree ? RedInactive : RedActive;
        Add("Left Redzone", -LeftZone, 0, red);
        Add("Right Redzone", ObjectSize, RedEnd, red);
        if (Has(SlabDebug.RedZones | SlabDebug.Poison))
        {
            Add("Padding", RedEnd, end == RedEnd ? End : TrackStart, InUse);
            Add("Padding", end == RedEnd ? End : end, End, InUse);
        }

        if (isFree && Has(SlabDebug.Poison))
        {
            Add("Poison", 0, ObjectSize - 1, FreeByte);
            Add("End Poison", ObjectSize - 1, ObjectSize, FreeEnd);
        }

        return [.. regions];

        void Add(string name, int start, int stop, byte value)
        {
            if (start < stop)
            {
                regions.Add(new MarkedRegion(name, start, stop, value));
            }
        }
    }
}

/// <summary>Bytes of or beside an object that must all have one value.</summary>
/// <param name="Name">As the kernel calls it.</param>
/// <param name="Start">From the start of the object.</param>
/// <param name="Stop">Behind the last one.</param>
/// <param name="Value">The value.</param>
internal sealed record MarkedRegion(string Name, int Start, int Stop, byte Value);
