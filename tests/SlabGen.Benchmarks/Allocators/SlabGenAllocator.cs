using System.Runtime.CompilerServices;

namespace SlabGen.Benchmarks.Allocators;

/// <summary>SlabGen as a user calls it: a generated class with default options.</summary>
internal readonly struct SlabGen64 : IAllocator<NativeObject>
{
    public static unsafe int Size => sizeof(Object64);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static NativeObject Alloc() => new(Object64Cache.Alloc().Address);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Free(NativeObject obj) => Object64Cache.Free(new SlabPtr<Object64>(obj.Address));

    public static void GiveBack() => SlabRuntime.Default.Shrink();
}

/// <summary>The same of any size: the class generated for a generic struct.</summary>
internal readonly struct SlabGenAllocator<T> : IAllocator<NativeObject>
    where T : unmanaged
{
    public static unsafe int Size => sizeof(T);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static NativeObject Alloc() => new(ObjectCache<T>.Alloc().Address);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Free(NativeObject obj) => ObjectCache<T>.Free(new SlabPtr<Object<T>>(obj.Address));

    public static void GiveBack() => SlabRuntime.Default.Shrink();
}
