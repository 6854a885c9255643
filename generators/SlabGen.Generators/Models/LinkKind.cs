namespace SlabGen.Generators;

/// <summary>
/// The pointers of the runtime that have a generated counterpart, which is not generic over the struct.
/// </summary>
internal enum LinkKind
{
    /// <summary><c>SlabPtr&lt;T&gt;</c>.</summary>
    Pointer,

    /// <summary><c>SlabPtr32&lt;T&gt;</c>.</summary>
    SmallPointer,

    /// <summary><c>SlabHandle&lt;T&gt;</c>.</summary>
    Handle,
}
