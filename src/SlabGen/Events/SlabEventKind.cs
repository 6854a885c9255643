namespace SlabGen.Events;

/// <summary>What happened; the methods of <see cref="SlabEventSource"/> say more.</summary>
internal enum SlabEventKind
{
    SlabMade,
    SlabDiscarded,
    ObjectMoved,
    LimitReached,
    OutOfMemory,
    MisuseFound,
    Reaped,
    PressureRelieved,
    MemoryReclaimed,
}
