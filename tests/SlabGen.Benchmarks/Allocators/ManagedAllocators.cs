using System.Buffers;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.ObjectPool;

namespace SlabGen.Benchmarks.Allocators;

/// <summary><c>new</c>, and the collector frees.</summary>
internal readonly struct ClassAllocator<T> : IAllocator<BoxObject<T>>
    where T : unmanaged
{
    public static unsafe int Size => sizeof(T);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BoxObject<T> Alloc() => new(new Box<T>());

    public static void Free(BoxObject<T> obj)
    {
    }

    public static void GiveBack() => GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
}

/// <summary><c>ArrayPool&lt;byte&gt;.Shared</c>.</summary>
internal readonly struct ArrayPoolAllocator<T> : IAllocator<ArrayObject>
    where T : unmanaged
{
    public static unsafe int Size => sizeof(T);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe ArrayObject Alloc() => new(ArrayPool<byte>.Shared.Rent(sizeof(T)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Free(ArrayObject obj) => ArrayPool<byte>.Shared.Return(obj.Array);

    public static void GiveBack() => GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
}

/// <summary>The object pool of ASP.NET, with its default options: it keeps two objects per processor and drops the others.</summary>
internal readonly struct ObjectPoolAllocator<T> : IAllocator<BoxObject<T>>
    where T : unmanaged
{
    private static readonly ObjectPool<Box<T>> s_pool = ObjectPool.Create<Box<T>>();

    public static unsafe int Size => sizeof(T);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BoxObject<T> Alloc() => new(s_pool.Get());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Free(BoxObject<T> obj) => s_pool.Return(obj.Box);

    public static void GiveBack() => GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
}
