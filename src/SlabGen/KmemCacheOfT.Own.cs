namespace SlabGen;

// An owner that outlives the scope.
public sealed partial class KmemCache<T>
{
    /// <summary>
    /// Takes an object for an owner that may live across <c>await</c> and in fields: <c>using var owner =
    /// cache.Own()</c>. Its contents are undefined.
    /// </summary>
    /// <returns>The owner. Disposing of it frees the object.</returns>
    /// <exception cref="OutOfMemoryException">The memory limit is reached, and nothing could be taken back from any
    /// cache.</exception>
    /// <exception cref="InvalidOperationException">The objects of the cache are moved
    /// (<see cref="KmemCache.SetMove"/>).</exception>
    /// <exception cref="SlabException">A bad pointer that was freed before has been found; no object was
    /// taken.</exception>
    /// <exception cref="ObjectDisposedException">The cache was destroyed.</exception>
    public SlabOwner<T> Own() => new(_cache);
}
