namespace SlabGen.Benchmarks.Allocators;

/// <summary>
/// An allocator of objects of one size. It is a struct, so that a workload over it is compiled for it alone and calls
/// it directly, as a user's code does.
/// </summary>
internal interface IAllocator
{
    static abstract string Name { get; }

    /// <summary>Bytes of an object.</summary>
    static abstract int Size { get; }

    static abstract nint Alloc();

    static abstract void Free(nint address);

    /// <summary>Gives free memory back to the system as far as the allocator can, so that the next measurement starts afresh.</summary>
    static abstract void GiveBack();
}
