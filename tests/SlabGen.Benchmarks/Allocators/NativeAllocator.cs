using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace SlabGen.Benchmarks.Allocators;

/// <summary>The C library's malloc, as .NET gives it to its users.</summary>
internal readonly struct NativeAllocator<T> : IAllocator<NativeObject>
    where T : unmanaged
{
    public static unsafe int Size => sizeof(T);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe NativeObject Alloc() => new((nint)NativeMemory.Alloc((nuint)sizeof(T)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void Free(NativeObject obj) => NativeMemory.Free((void*)obj.Address);

    public static void GiveBack() => NativeHeap.Trim();
}

/// <summary>The same malloc through the older call, which looks at what malloc returned.</summary>
internal readonly struct HGlobalAllocator<T> : IAllocator<NativeObject>
    where T : unmanaged
{
    public static unsafe int Size => sizeof(T);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe NativeObject Alloc() => new(Marshal.AllocHGlobal(sizeof(T)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Free(NativeObject obj) => Marshal.FreeHGlobal(obj.Address);

    public static void GiveBack() => NativeHeap.Trim();
}

internal static partial class NativeHeap
{
    /// <summary>glibc merges and gives back free memory only when told to; other C libraries have no such function.</summary>
    public static void Trim()
    {
        try
        {
            _ = MallocTrim(0);
        }
        catch (Exception exception) when (exception is EntryPointNotFoundException or DllNotFoundException)
        {
        }
    }

    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    private static partial int MallocTrim(nuint pad);
}
