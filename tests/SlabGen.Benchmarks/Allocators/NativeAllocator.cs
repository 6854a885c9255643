using System.Runtime.InteropServices;

namespace SlabGen.Benchmarks.Allocators;

/// <summary>The C library's malloc, as .NET gives it to its users.</summary>
internal readonly struct NativeAllocator<T> : IAllocator
    where T : unmanaged
{
    public static string Name => "native";

    public static unsafe int Size => sizeof(T);

    public static unsafe nint Alloc() => (nint)NativeMemory.Alloc((nuint)sizeof(T));

    public static unsafe void Free(nint address) => NativeMemory.Free((void*)address);

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
