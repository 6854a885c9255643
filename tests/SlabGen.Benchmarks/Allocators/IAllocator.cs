namespace SlabGen.Benchmarks.Allocators;

/// <summary>
/// An allocator of objects of one size. It is a struct, so that a workload over it is compiled for it alone and calls
/// it directly, as a user's code does.
/// </summary>
/// <typeparam name="TObject">What it hands out: an address or a reference.</typeparam>
internal interface IAllocator<TObject>
    where TObject : struct, IObject<TObject>
{
    /// <summary>Bytes of an object.</summary>
    static abstract int Size { get; }

    static abstract TObject Alloc();

    /// <summary>Gives the object back; where the collector frees it there is nothing to do.</summary>
    static abstract void Free(TObject obj);

    /// <summary>Gives free memory back to the system as far as the allocator can, so that the next measurement starts afresh.</summary>
    static abstract void GiveBack();
}
