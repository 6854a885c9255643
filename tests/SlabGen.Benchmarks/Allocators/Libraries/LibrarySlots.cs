namespace SlabGen.Benchmarks.Allocators.Libraries;

/// <summary>
/// A place for a library that is known only at run time. A type per place, so that each library's functions lie in
/// static read-only fields of their own, which are constants at tier 1: the call is as direct as one to a linked function.
/// </summary>
internal interface ILibrarySlot
{
    static abstract int Index { get; }
}

internal readonly struct LibrarySlot0 : ILibrarySlot
{
    public static int Index => 0;
}

internal readonly struct LibrarySlot1 : ILibrarySlot
{
    public static int Index => 1;
}

internal readonly struct LibrarySlot2 : ILibrarySlot
{
    public static int Index => 2;
}

internal readonly struct LibrarySlot3 : ILibrarySlot
{
    public static int Index => 3;
}

internal readonly struct LibrarySlot4 : ILibrarySlot
{
    public static int Index => 4;
}

internal readonly struct LibrarySlot5 : ILibrarySlot
{
    public static int Index => 5;
}

internal static class LibrarySlots
{
    public const int Count = 6;

    /// <summary>By slot: the functions of the library that took it. Filled before the first is used.</summary>
    public static LibraryFunctions[] Functions { get; } = new LibraryFunctions[Count];
}
