using System.Runtime.CompilerServices;
using SlabGen.Benchmarks.Allocators;

namespace SlabGen.Benchmarks.Latency;

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
