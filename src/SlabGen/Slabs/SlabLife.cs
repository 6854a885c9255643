using SlabGen.Memory;

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
    /// <param name="first">The address of the first one.</param>
    /// <param name="objects">How many there are.</param>
    /// <param name="size">Bytes from one to the next.</param>
    /// <param name="found">Receives what they throw.</param>
    public abstract void Destruct(nint first, int objects, int size, ref FoundErrors found);
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

    public override unsafe void Destruct(nint first, int objects, int size, ref FoundErrors found)
    {
        for (int i = 0; i < objects; i++)
        {
            try
            {
                TLife.Destruct(ref *(T*)(first + ((nint)i * size)));
            }
            catch (Exception thrown)
            {
                found.Add(thrown); // the others are ended all the same, and the caller throws
            }
        }
    }
}
