using System.Runtime.CompilerServices;
using SlabGen.Benchmarks.Allocators;

namespace SlabGen.Benchmarks.Gc;

/// <summary>Keeps the objects in slabs.</summary>
internal readonly struct SlabLiveSet : ILiveSet
{
    private static SlabPtr<Object64>[] s_objects = [];

    public static string Name => Peers.SlabGen;

    public static void Fill(int count)
    {
        s_objects = new SlabPtr<Object64>[count];
        for (int i = 0; i < count; i++)
        {
            s_objects[i] = Object64Cache.Alloc();
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Replace(int index, long value)
    {
        ref SlabPtr<Object64> place = ref s_objects[index];
        Object64Cache.Free(place);
        SlabPtr<Object64> obj = Object64Cache.Alloc();
        Unsafe.As<Object64, long>(ref obj.Value) = value;
        place = obj;
    }
}

/// <summary>One class instance per object.</summary>
internal readonly struct ClassLiveSet : ILiveSet
{
    private static Box<Object64>[] s_objects = [];

    public static string Name => "class";

    public static void Fill(int count)
    {
        s_objects = new Box<Object64>[count];
        for (int i = 0; i < count; i++)
        {
            s_objects[i] = new Box<Object64>();
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Replace(int index, long value)
    {
        var obj = new Box<Object64>();
        Unsafe.As<Object64, long>(ref obj.Value) = value;
        s_objects[index] = obj;
    }
}

/// <summary>One array of structs, and a free list, as a pool would have (here at most one place is free).</summary>
internal readonly struct ArrayLiveSet : ILiveSet
{
    private static Object64[] s_storage = [];
    private static int[] s_objects = [], s_free = [];
    private static int s_freeCount;

    public static string Name => "array";

    public static void Fill(int count)
    {
        s_storage = new Object64[count];
        s_objects = [.. Enumerable.Range(0, count)];
        s_free = new int[count];
        s_storage.AsSpan().Clear(); // touch every page: the system backs a new large array at its first touch
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Replace(int index, long value)
    {
        ref int place = ref s_objects[index];
        s_free[s_freeCount++] = place;
        place = s_free[--s_freeCount];
        Unsafe.As<Object64, long>(ref s_storage[place]) = value;
    }
}
