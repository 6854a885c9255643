using SlabGen.Memory;

namespace SlabGen.Slabs;

/// <summary>
/// The constructor and destructor of a cache, for all objects of a slab at once: one virtual call per slab.
/// </summary>
internal abstract class SlabLife
{
    /// <summary>Constructs objects in rising order, and stops at the first that fails.</summary>
    /// <param name="first">The address of the first one.</param>
    /// <param name="objects">The number of objects.</param>
    /// <param name="size">Bytes from one to the next.</param>
    /// <param name="constructed">The number of objects that were made, also when this throws.</param>
    public abstract void Construct(nint first, int objects, int size, ref int constructed);

    /// <summary>Destructs every object, even if some throw.</summary>
    /// <param name="first">The address of the first one.</param>
    /// <param name="objects">The number of objects.</param>
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
                found.Add(thrown); // the others are still destructed, and the caller throws
            }
        }
    }
}
