using System.Security.Cryptography;

namespace SlabGen.Memory;

/// <summary>
/// Reservations that lie apart: with inaccessible addresses before and behind, so that who writes past the end of one
/// faults, and does not write into whatever the system put beside it.
/// </summary>
/// <remarks>
/// The system often puts one mapping right beside another. So without them the byte behind the last object of a zone
/// could be the first of a table of SlabGen's own, or of anybody's. They cost addresses, and no memory. Where a backing
/// protects nothing (<see cref="PortableMemory"/>) they only keep a distance. Ranges at low addresses, which are few,
/// are not reserved by this, nor are those that lie in a place of their own choice.
/// </remarks>
internal static class ApartRanges
{
    /// <summary>
    /// The least number of inaccessible bytes on each side: the grain in which every system reserves.
    /// </summary>
    public const int Margin = 64 << 10;

    private const int Attempts = 24;

    // Above the zones of low addresses.
    private const long FirstRandom = 4L << 32;

    /// <summary>As <see cref="IOsMemory.Reserve"/>, with a margin on each side.</summary>
    public static nint ReserveApart(this IOsMemory memory, long bytes, long alignment)
    {
        nint start = memory.Reserve(Before(alignment) + bytes + Margin, alignment);
        return start == 0 ? 0 : start + (nint)Before(alignment);
    }

    /// <summary>
    /// As <see cref="ReserveApart"/>, at a random place: with ranges of 4 MiB one of some sixteen million. Where the
    /// system gives out no such places, it is where the system likes.
    /// </summary>
    /// <param name="memory">The system.</param>
    /// <param name="bytes">A multiple of <see cref="IOsMemory.ReservationGranularity"/>.</param>
    /// <param name="alignment">The same.</param>
    public static nint ReserveAtRandom(this IOsMemory memory, long bytes, long alignment)
    {
        long all = Before(alignment) + bytes + Margin;
        // Some processors have fewer addresses: each second attempt looks among half of them.
        for (int attempt = 0; attempt < Attempts && memory.MaxReservation >> (attempt / 2) > 4 * all; attempt++)
        {
            long places = ((memory.MaxReservation >> (attempt / 2)) - all) / alignment;
            long place = 1 + RandomNumberGenerator.GetInt32((int)Math.Min(places - 1, int.MaxValue));
            nint start = (nint)(place * alignment);
            if (start > FirstRandom && memory.TryReserveAt(start, all))
            {
                return start + (nint)Before(alignment);
            }
        }

        return memory.ReserveApart(bytes, alignment);
    }

    /// <summary>
    /// Ends a reservation made by <see cref="ReserveApart"/> or <see cref="ReserveAtRandom"/>, with the same arguments.
    /// </summary>
    public static void UnmapApart(this IOsMemory memory, nint start, long bytes, long alignment) =>
        memory.Unmap(start - (nint)Before(alignment), Before(alignment) + bytes + Margin);

    /// <summary>The margin before a range: a multiple of its alignment.</summary>
    private static long Before(long alignment) => Math.Max(alignment, Margin);
}
