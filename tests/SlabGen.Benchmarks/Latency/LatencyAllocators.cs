using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SlabGen.Benchmarks.Allocators;

namespace SlabGen.Benchmarks.Latency;

/// <summary>Hands out the last object that came back, and does nothing else: what of a tail is the machine's and the clock's.</summary>
internal readonly unsafe struct PointerStack : IAllocator<NativeObject>
{
    private const int Objects = 20_000; // more than larson has slots

    [ThreadStatic]
    private static nint* t_top;

    private static readonly byte* s_objects = (byte*)NativeMemory.AlignedAlloc((nuint)(Objects * sizeof(Object64)), (nuint)sizeof(Object64));
    private static int s_taken;

    public static int Size => sizeof(Object64);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static NativeObject Alloc() => t_top != null && t_top[-1] != 0 ? new(*--t_top) : AllocNew();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Free(NativeObject obj)
    {
        if (t_top == null)
        {
            t_top = NewStack();
        }

        *t_top++ = obj.Address;
    }

    public static void GiveBack()
    {
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static NativeObject AllocNew() => new((nint)(s_objects + ((uint)Interlocked.Increment(ref s_taken) % Objects * sizeof(Object64))));

    // A 0 marks the bottom. Threads of larson are few: their stacks stay.
    private static nint* NewStack() => (nint*)NativeMemory.AllocZeroed(Objects, (nuint)sizeof(nint)) + 1;
}

/// <summary>
/// A cache in a runtime of 64 MiB, and another cache there that takes all the memory that is left and frees it, again and
/// again: so the watermarks are met, and background and direct reclaim are at work.
/// </summary>
internal readonly struct ScarceSlabGen : IAllocator<NativeObject>
{
    private const int HogSize = 1024;

    private static readonly SlabRuntime s_runtime = new(new SlabRuntimeOptions { MemoryLimit = 64 << 20 });
    private static readonly KmemCache s_cache = s_runtime.CreateCache<Object64>("latency"), s_hog = s_runtime.CreateCache("hog", HogSize);
    private static readonly List<nint> s_hogged = [];

    public static unsafe int Size => sizeof(Object64);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static NativeObject Alloc() => new(s_cache.Alloc());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Free(NativeObject obj) => s_cache.Free(obj.Address);

    public static void GiveBack() => s_runtime.Shrink();

    /// <summary>One round of the other cache. One thread at a time.</summary>
    public static void Hog()
    {
        while (s_hog.TryAlloc(out nint address))
        {
            s_hogged.Add(address);
        }

        s_hogged.ForEach(s_hog.Free);
        s_hogged.Clear();
    }
}
