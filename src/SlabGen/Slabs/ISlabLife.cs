namespace SlabGen;

/// <summary>
/// What is done with each object of a cache when its slab comes and when it goes: the constructor and the destructor of
/// <c>kmem_cache_create</c>, as static methods of a type of your own (<see cref="SlabRuntime.CreateCache{T, TLife}"/>).
/// </summary>
/// <remarks>
/// An object is constructed once, when its slab is made, and comes back from each free as it was freed: so it must be
/// freed in its constructed state. The methods run on whichever thread needs or gives back memory, and hold no lock. They
/// may use other caches. What they throw comes out of the call that ran them; nothing is lost by it.
/// </remarks>
/// <typeparam name="T">The type of the objects.</typeparam>
public interface ISlabLife<T>
    where T : unmanaged
{
    /// <summary>Makes a new object, whose memory has any contents.</summary>
    /// <param name="value">The object.</param>
    /// <returns><see langword="false"/> when it cannot be made: then its whole slab is given up, and the allocation fails as if
    /// memory had run out.</returns>
    static abstract bool Construct(ref T value);

    /// <summary>Ends an object that was constructed, and is free.</summary>
    /// <param name="value">The object.</param>
    static abstract void Destruct(ref T value);
}
