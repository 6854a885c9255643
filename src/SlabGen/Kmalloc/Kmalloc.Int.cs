using System.Runtime.CompilerServices;

namespace SlabGen;

// The commonest calls by the sizes that .NET has: the lengths of arrays and spans.
public sealed partial class Kmalloc
{
    /// <inheritdoc cref="Alloc(nuint)"/>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="size"/> is negative.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    [OverloadResolutionPriority(1)] // of a ushort, which is converted to either type
    public nint Alloc(int size) => Alloc(ToSize(size));

    /// <inheritdoc cref="AllocZeroed(nuint)"/>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="size"/> is negative.</exception>
    [OverloadResolutionPriority(1)]
    public nint AllocZeroed(int size) => AllocZeroed(ToSize(size));

    /// <inheritdoc cref="TryAlloc(nuint, out nint)"/>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="size"/> is negative.</exception>
    [OverloadResolutionPriority(1)]
    public bool TryAlloc(int size, out nint address) => TryAlloc(ToSize(size), out address);

    /// <inheritdoc cref="Realloc(nint, nuint)"/>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="size"/> is negative.</exception>
    [OverloadResolutionPriority(1)]
    public nint Realloc(nint address, int size) => Realloc(address, ToSize(size));

    /// <inheritdoc cref="TryRealloc(ref nint, nuint)"/>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="size"/> is negative.</exception>
    [OverloadResolutionPriority(1)]
    public bool TryRealloc(ref nint address, int size) => TryRealloc(ref address, ToSize(size));

    private static nuint ToSize(int size) => size >= 0 ? (nuint)size : throw Negative(nameof(size), size);

    private static ArgumentOutOfRangeException Negative(string name, int value) =>
        new(name, value, $"Kmalloc: {name} is {value}, and must be at least 0.");
}
