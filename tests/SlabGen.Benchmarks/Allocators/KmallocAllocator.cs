using System.Runtime.CompilerServices;

namespace SlabGen.Benchmarks.Allocators;

/// <summary>SlabGen's general allocator.</summary>
internal readonly struct KmallocAllocator<T> : IAllocator
    where T : unmanaged
{
    public static string Name => "kmalloc";

    public static unsafe int Size => sizeof(T);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe nint Alloc() => Shared.Kmalloc.Alloc((nuint)sizeof(T));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Free(nint address) => Shared.Kmalloc.Free(address);

    public static void GiveBack() => SlabRuntime.Default.Shrink();
}

/// <summary>Not in the generic type, so that one field serves all sizes.</summary>
file static class Shared
{
    internal static readonly Kmalloc Kmalloc = SlabRuntime.Default.Kmalloc;
}
