namespace SlabGen;

// What a call does besides taking or freeing an object.
public sealed partial record SlabCacheOptions
{
    /// <exception cref="ArgumentException">Clearing would undo what others need.</exception>
    internal void ValidateCalls(string cacheName, bool hasLife)
    {
        if (Zeroing is < SlabZeroing.None or > SlabZeroing.OnFree)
        {
            throw Refuse(cacheName, nameof(Zeroing), Zeroing, $"must be one of {string.Join(", ", Enum.GetNames<SlabZeroing>())}");
        }

        if (Zeroing != SlabZeroing.None && (hasLife || TypeSafeByRcu))
        {
            throw Refuse(cacheName, nameof(Zeroing), Zeroing, hasLife
                ? "does not go with a constructor or a destructor, whose object it would clear"
                : "does not go with TypeSafeByRcu: a reader may be looking at the object that is cleared");
        }
    }
}
