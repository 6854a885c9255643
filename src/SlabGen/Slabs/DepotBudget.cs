namespace SlabGen.Slabs;

/// <summary>
/// What the depots of several caches may keep together. Programs shift from one size to another, and what waits for one
/// serves no other: so each may keep a little, and more only as long as there is room in common.
/// </summary>
/// <param name="most">Bytes of free objects that all of them may keep, beyond what each may keep alone.</param>
/// <param name="alone">Bytes that each may always keep.</param>
internal sealed class DepotBudget(long most, long alone)
{
    private long _bytes; // interlocked, each depot under its lock

    /// <summary>Bytes of free objects in the depots; a snapshot.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>A depot has more now, or less.</summary>
    public void Add(long bytes) => Interlocked.Add(ref _bytes, bytes);

    /// <summary>
    /// Whether a depot that would then have so many bytes may take some more. Two that ask at once may both have the
    /// last room.
    /// </summary>
    /// <param name="own">Bytes that it would have.</param>
    /// <param name="more">How many of them are new.</param>
    public bool HasRoom(long own, long more) => own <= alone || Bytes + more <= most;
}
