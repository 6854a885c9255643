namespace SlabGen.Generators;

/// <summary>What may be true of an object at one point of a method: the union over all paths that lead there.</summary>
[Flags]
internal enum ObjectFlags
{
    None = 0,

    /// <summary>On some path its allocation was not reached.</summary>
    Unallocated = 1,

    /// <summary>On some path it is in use.</summary>
    Live = 2,

    /// <summary>On some path it was freed. If neither Unallocated nor Live is set: on every path.</summary>
    Freed = 4,

    /// <summary>Something besides the method's variables may know its address, and may free it.</summary>
    Shared = 8,

    /// <summary>A lambda that outlives the method holds its address.</summary>
    Captured = 16,

    /// <summary>On some path part of it may have been written since it was allocated.</summary>
    Written = 32,
}
