using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace SlabGen.TraceReplay;

/// <summary>
/// An allocator as a static policy: the replay is generic over a struct that implements this, so that the JIT compiles a
/// replay for each allocator, with direct calls.
/// </summary>
internal interface IAllocator
{
    /// <summary>The name on the command line and in the report.</summary>
    static abstract string DisplayName { get; }

    /// <summary>Allocates <paramref name="size"/> bytes; 0 is a legal size and gives an address that can be freed.</summary>
    static abstract nint Alloc(nuint size);

    static abstract void Free(nint address);

    /// <summary>Gives free memory back to the operating system.</summary>
    static abstract void Shrink();

    /// <summary>What the allocator itself counts as held from the operating system, or null if it does not count.</summary>
    static abstract long? CommittedBytes { get; }

    /// <inheritdoc cref="CommittedBytes"/>
    static abstract long? PeakCommittedBytes { get; }
}

/// <summary>SlabGen, as a program uses it that brings its own sizes.</summary>
internal readonly struct SlabGenAllocator : IAllocator
{
    public const string Name = "slabgen";

    public static string DisplayName => Name;

    private static readonly Kmalloc s_kmalloc = SlabRuntime.Default.Kmalloc;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nint Alloc(nuint size) => s_kmalloc.Alloc(size);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Free(nint address) => s_kmalloc.Free(address);

    public static void Shrink() => SlabRuntime.Default.Shrink();

    public static long? CommittedBytes => SlabRuntime.Default.CommittedBytes;

    public static long? PeakCommittedBytes => SlabRuntime.Default.PeakCommittedBytes;
}

/// <summary>The C library's malloc, as .NET offers it.</summary>
internal readonly unsafe partial struct MallocAllocator : IAllocator
{
    public const string Name = "malloc";

    public static string DisplayName => Name;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nint Alloc(nuint size) => (nint)NativeMemory.Alloc(size);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Free(nint address) => NativeMemory.Free((void*)address);

    /// <summary><c>malloc_trim(3)</c>, which only glibc has; without it the memory stays where it is.</summary>
    public static void Shrink()
    {
        try
        {
            _ = MallocTrim(0);
        }
        catch (Exception exception) when (exception is DllNotFoundException or EntryPointNotFoundException)
        {
        }
    }

    // malloc keeps no such count that includes all it has touched; the replay watches the process instead.
    public static long? CommittedBytes => null;

    public static long? PeakCommittedBytes => null;

    [LibraryImport("libc.so.6", EntryPoint = "malloc_trim")]
    private static partial int MallocTrim(nuint pad);
}
