using System.Runtime.CompilerServices;
using SlabGen.Benchmarks.Allocators.Libraries;
using SlabGen.TraceReplay;

namespace SlabGen.Benchmarks.Traces;

/// <summary>A native library as the replay wants it: of any size.</summary>
internal readonly unsafe struct LibraryTraceAllocator<TSlot> : IAllocator
    where TSlot : struct, ILibrarySlot
{
    public static string DisplayName => typeof(TSlot).Name;

    public static long? CommittedBytes => null;

    public static long? PeakCommittedBytes => null;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nint Alloc(nuint size) => ((delegate* unmanaged[SuppressGCTransition]<nuint, nint>)SlotFunctions<TSlot>.Alloc)(size);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Free(nint address) => ((delegate* unmanaged[SuppressGCTransition]<nint, void>)SlotFunctions<TSlot>.Free)(address);

    public static void Shrink() => SlotFunctions<TSlot>.ReturnFreeMemory();
}
