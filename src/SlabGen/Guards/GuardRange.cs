using SlabGen.Memory;

namespace SlabGen.Guards;

/// <summary>
/// The addresses below <see cref="End"/>, where no object of a slab ever lies: guarded objects do, and the null
/// pointer.
/// </summary>
/// <remarks>
/// A free on the fast path has to tell a guarded object from others, and nothing may be added there. It always compared
/// the address with 0, to find the null pointer. It now compares it with <see cref="End"/>: the same instruction finds
/// both. So guarded objects lie lower than all others. The kernel, too, keeps the first MiB out of its zones (x86,
/// <c>reserve_real_mode</c>). Zones begin at multiples of 4 MiB, but the one of low addresses, whose first MiB is a
/// hole (<see cref="PageAllocator"/>).
/// <para>Below <see cref="Start"/> the system maps nothing, and .NET takes a fault for a null reference.</para>
/// </remarks>
internal static class GuardRange
{
    /// <summary>The first address that guards may have.</summary>
    public const nint Start = 64 << 10;

    /// <summary>The lowest address of an object in a slab.</summary>
    public const nint End = 1 << 20;

    /// <summary>The most guarded objects at once: each has a page, with an inaccessible one on each side.</summary>
    public static int MostObjects => ((int)((End - Start) >> Page.Shift) - 1) / 2;

    /// <summary>Whether an address is one that a guarded object may have.</summary>
    public static bool Contains(nint address) => (nuint)address is >= (nuint)Start and < (nuint)End;
}
