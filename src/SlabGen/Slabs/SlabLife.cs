namespace SlabGen.Slabs;

/// <summary>The constructor and destructor of a cache, for all objects of a slab at once: one virtual call to a slab.</summary>
internal abstract class SlabLife
{
    /// <summary>Constructs objects in rising order, as far as that goes.</summary>
    /// <param name="first">The address of the first one.</param>
    /// <param name="objects">How many there are.</param>
    /// <param name="size">Bytes from one to the next.</param>
    /// <param name="constructed">How many were made, also when this throws.</param>
    public abstract void Construct(nint first, int objects, int size, ref int constructed);

    /// <summary>Ends objects, every one of them.</summary>
    /// <returns>The first exception that one of them threw.</returns>
    public abstract Exception? Destruct(nint first, int objects, int size);
}

/// <inheritdoc/>
internal sealed class SlabLife<T, TLife> : SlabLife
    where T : unmanaged
    where TLife : ISlabLife<T>
{
    public override unsafe void Construct(nint first, int objects, int size, ref int constructed)
    {
        for (; constructed < objects; constructed++)
        {
            if (!TLife.Construct(ref *(T*)(first + ((nint)constructed * size))))
            {
                return;
            }
        }
    }

    public override unsafe Exception? Destruct(nint first, int objects, int size)
    {
        Exception? failure = null;
        for (int i = 0; i < objects; i++)
        {
            try
            {
                TLife.Destruct(ref *(T*)(first + ((nint)i * size)));
            }
            catch (Exception thrown)
            {
                failure ??= thrown; // the others are ended all the same, and the caller throws
            }
        }

        return failure;
    }
}
