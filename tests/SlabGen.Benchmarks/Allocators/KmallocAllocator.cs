using System.Runtime.CompilerServices;

namespace SlabGen.Benchmarks.Allocators;

/// <summary>SlabGen's general allocator.</summary>
internal readonly struct KmallocAllocator<T> : IAllocator<NativeObject>
    where T : unmanaged
{
    public static unsafe int Size => sizeof(T);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe NativeObject Alloc() => new(Shared.Kmalloc.Alloc((nuint)sizeof(T)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Free(NativeObject obj) => Shared.Kmalloc.Free(obj.Address);

    public static void GiveBack() => SlabRuntime.Default.Shrink();
}

/// <summary>Not in the generic type, so that one field serves all sizes.</summary>
file static class Shared
{
    internal static readonly Kmalloc Kmalloc = SlabRuntime.Default.Kmalloc;
}
