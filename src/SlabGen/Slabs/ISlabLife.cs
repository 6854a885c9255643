namespace SlabGen;

/// <summary>
/// The constructor and destructor of a cache's objects, as static methods of a type of your own
/// (<see cref="SlabRuntime.CreateCache{T, TLife}"/>). They are those of <c>kmem_cache_create</c>.
/// </summary>
/// <remarks>
/// An object is constructed once, when its slab is made. It comes back from each free as it was freed, so free it in
/// its constructed state. The methods run on whichever thread needs or gives back memory, and hold no lock. They may
/// use other caches. What they throw comes out of the call that ran them; nothing is lost by it.
/// </remarks>
/// <typeparam name="T">The type of the objects.</typeparam>
public interface ISlabLife<T>
    where T : unmanaged
{
    /// <summary>Constructs a new object, whose memory has any contents.</summary>
    /// <param name="value">The object.</param>
    /// <returns>
    /// <see langword="false"/> when it cannot be made. The whole slab is then given up, and the allocation fails as if
    /// memory had run out.
    /// </returns>
    static abstract bool Construct(ref T value);

    /// <summary>Destructs an object that was constructed and is free.</summary>
    /// <param name="value">The object.</param>
    static abstract void Destruct(ref T value);
}
