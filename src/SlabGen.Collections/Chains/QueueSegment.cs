using System.Runtime.InteropServices;

namespace SlabGen.Collections.Chains;

/// <summary>The head of a ring of items in a queue's chain. Behind it lie the items.</summary>
/// <remarks>
/// The two sides have a cache line each, and on it a copy of what the other side wrote when it last looked. So as long
/// as neither catches up with the other, no line goes to and fro but those of the items.
/// </remarks>
[StructLayout(LayoutKind.Explicit, Size = Bytes)]
internal struct QueueSegment
{
    public const int Bytes = 128;

    // The consumer's, but Room, which never changes.
    [FieldOffset(0)] public int First; // the next item to take; the producer reads it
    [FieldOffset(4)] public int LastSeen;
    [FieldOffset(8)] public int Room; // slots; one is always empty, or a full ring would look like an empty one
    [FieldOffset(16)] public long AllBytes; // of the block; never changes

    // The producer's, but RoomToo.
    [FieldOffset(64)] public int Last; // the next slot to fill; the consumer reads it
    [FieldOffset(68)] public int FirstSeen;
    [FieldOffset(72)] public int RoomToo; // the same as Room, on this line
    [FieldOffset(80)] public nint Next; // a ring; written once; the consumer reads it
}

/// <summary>The two ends of a queue, each on a cache line of its own.</summary>
[StructLayout(LayoutKind.Explicit, Size = 128)]
internal struct QueueEnds
{
    // The producer's; the consumer reads Put.
    [FieldOffset(0)] public nint Tail; // a ring
    [FieldOffset(8)] public long Put; // items that were ever put in

    // The consumer's; but the producer writes Head once, while it is null.
    [FieldOffset(64)] public nint Head; // a ring
    [FieldOffset(72)] public long Taken;
}
