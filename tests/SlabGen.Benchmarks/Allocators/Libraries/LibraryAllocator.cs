using System.Runtime.CompilerServices;

namespace SlabGen.Benchmarks.Allocators.Libraries;

/// <summary>A native library called as fast as .NET can: without leaving the collector's cooperative mode.</summary>
/// <remarks>
/// Both functions get the size, in a register that those which want none do not look at: true of the C calling
/// conventions of all 64-bit platforms that .NET has. So one shape of call serves sized and unsized functions.
/// </remarks>
internal readonly unsafe struct LibraryAllocator<TSlot, T> : IAllocator<NativeObject>
    where TSlot : struct, ILibrarySlot
    where T : unmanaged
{
    public static int Size => sizeof(T);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static NativeObject Alloc() => new(((delegate* unmanaged[SuppressGCTransition]<nuint, nint>)SlotFunctions<TSlot>.Alloc)((nuint)sizeof(T)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Free(NativeObject obj) => ((delegate* unmanaged[SuppressGCTransition]<nint, nuint, void>)SlotFunctions<TSlot>.Free)(obj.Address, (nuint)sizeof(T));

    public static void GiveBack() => SlotFunctions<TSlot>.ReturnFreeMemory();
}

/// <summary>The same with the transition that an ordinary P/Invoke makes.</summary>
internal readonly unsafe struct LibraryPInvokeAllocator<TSlot, T> : IAllocator<NativeObject>
    where TSlot : struct, ILibrarySlot
    where T : unmanaged
{
    public static int Size => sizeof(T);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static NativeObject Alloc() => new(((delegate* unmanaged<nuint, nint>)SlotFunctions<TSlot>.Alloc)((nuint)sizeof(T)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Free(NativeObject obj) => ((delegate* unmanaged<nint, nuint, void>)SlotFunctions<TSlot>.Free)(obj.Address, (nuint)sizeof(T));

    public static void GiveBack() => SlotFunctions<TSlot>.ReturnFreeMemory();
}

/// <summary>The functions of one slot, read when it is first used.</summary>
internal static unsafe class SlotFunctions<TSlot>
    where TSlot : struct, ILibrarySlot
{
    public static readonly nint Alloc = LibrarySlots.Functions[TSlot.Index].Alloc;
    public static readonly nint Free = LibrarySlots.Functions[TSlot.Index].Free;
    private static readonly nint s_giveBack = LibrarySlots.Functions[TSlot.Index].GiveBack;

    public static void ReturnFreeMemory()
    {
        if (s_giveBack != 0)
        {
            ((delegate* unmanaged<int, void>)s_giveBack)(1);
        }
    }
}
