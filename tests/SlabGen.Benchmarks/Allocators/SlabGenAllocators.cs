using System.Runtime.CompilerServices;

namespace SlabGen.Benchmarks.Allocators;

// SlabGen as a user calls it: the generated classes, with default options. One struct per class, since a generated
// class is static.

internal readonly struct SlabGen24 : IAllocator
{
    public static string Name => "slabgen";

    public static unsafe int Size => sizeof(Object24);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nint Alloc() => Object24Cache.Alloc().Address;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Free(nint address) => Object24Cache.Free(new SlabPtr<Object24>(address));

    public static void GiveBack() => Object24Cache.Cache.Shrink();
}

internal readonly struct SlabGen64 : IAllocator
{
    public static string Name => "slabgen";

    public static unsafe int Size => sizeof(Object64);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nint Alloc() => Object64Cache.Alloc().Address;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Free(nint address) => Object64Cache.Free(new SlabPtr<Object64>(address));

    public static void GiveBack() => Object64Cache.Cache.Shrink();
}

internal readonly struct SlabGen96 : IAllocator
{
    public static string Name => "slabgen";

    public static unsafe int Size => sizeof(Object96);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nint Alloc() => Object96Cache.Alloc().Address;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Free(nint address) => Object96Cache.Free(new SlabPtr<Object96>(address));

    public static void GiveBack() => Object96Cache.Cache.Shrink();
}

internal readonly struct SlabGen200 : IAllocator
{
    public static string Name => "slabgen";

    public static unsafe int Size => sizeof(Object200);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nint Alloc() => Object200Cache.Alloc().Address;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Free(nint address) => Object200Cache.Free(new SlabPtr<Object200>(address));

    public static void GiveBack() => Object200Cache.Cache.Shrink();
}

internal readonly struct SlabGen1000 : IAllocator
{
    public static string Name => "slabgen";

    public static unsafe int Size => sizeof(Object1000);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nint Alloc() => Object1000Cache.Alloc().Address;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Free(nint address) => Object1000Cache.Free(new SlabPtr<Object1000>(address));

    public static void GiveBack() => Object1000Cache.Cache.Shrink();
}
