namespace SlabGen.Benchmarks.Allocators;

/// <summary>What an allocator hands out. Also a struct where it wraps a reference: code over a reference type is shared between types, and slower.</summary>
internal interface IObject<TSelf>
    where TSelf : struct, IObject<TSelf>
{
    bool IsNull { get; }

    /// <summary>The first word of the object's content; the others follow it.</summary>
    ref long Word { get; }

    /// <summary>Swaps what lies in a place that several threads use.</summary>
    static abstract TSelf Exchange(ref TSelf place, TSelf value);
}
