using SlabGen.Memory;

namespace SlabGen.Slabs;

/// <summary>
/// The constructor and destructor of a type in a load context that can be unloaded. It does not keep them alive, and so
/// not the context.
/// </summary>
/// <remarks>
/// The tie of the cache to its context keeps them alive for as long as the context exists. After that there is no code
/// to run.
/// </remarks>
internal sealed class CollectibleLife(SlabLife life) : SlabLife
{
    private readonly WeakReference<SlabLife> _life = new(life);

    public override void Construct(nint first, int objects, int size, ref int constructed)
    {
        if (_life.TryGetTarget(out SlabLife? target))
        {
            target.Construct(first, objects, size, ref constructed);
        }
    }

    public override void Destruct(nint first, int objects, int size, ref FoundErrors found)
    {
        if (_life.TryGetTarget(out SlabLife? target))
        {
            target.Destruct(first, objects, size, ref found);
        }
    }
}
