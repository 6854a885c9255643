using System.Diagnostics.CodeAnalysis;

namespace SlabGen.Memory;

/// <summary>
/// What SlabGen needs from an operating system: address ranges that can be reserved, backed with memory, and given
/// back. There is one implementation per system. This is the lowest layer, which knows nothing of pages and slabs.
/// </summary>
/// <remarks>
/// All addresses and sizes are multiples of <see cref="Page.Size"/>. An address range has one of two states:
/// <c>reserved</c> (no access, no memory) or <c>committed</c> (readable, writable, zero until written). Any thread may
/// call. The caller makes sure that no two calls touch the same range at once.
/// </remarks>
internal interface IOsMemory
{
    /// <summary>The name of this backing in diagnostics.</summary>
    string Name { get; }

    /// <summary>The largest range, in bytes, that one reservation can span.</summary>
    long MaxReservation { get; }

    /// <summary>Reserves a range whose start is a multiple of <paramref name="alignment"/> (a power of two).</summary>
    /// <returns>The start of the range, or 0 when the address space has no such range.</returns>
    nint Reserve(long bytes, long alignment);

    /// <summary>Makes part of a reserved range readable and writable.</summary>
    /// <returns><see langword="false"/> when the system refuses the memory.</returns>
    bool Commit(nint address, long bytes);

    /// <summary>Takes part of a committed range back to <c>reserved</c> and gives its memory to the system.</summary>
    /// <returns><see langword="false"/> when the system refuses; the range is as it was.</returns>
    bool Decommit(nint address, long bytes);

    /// <summary>
    /// Gives the memory of a committed range to the system and leaves the range committed. Other threads may read it
    /// meanwhile. They find the old contents or zero.
    /// </summary>
    /// <returns><see langword="true"/> when the memory is the system's to take and the range reads as zero;
    /// <see langword="false"/> when this backing cannot give back parts, or the system refused: the memory stays, and
    /// its contents stay or are zero.</returns>
    bool Trim(nint address, long bytes);

    /// <summary>Ends a reservation made by <see cref="Reserve"/>, with the same arguments.</summary>
    void Unmap(nint address, long bytes);

    /// <summary>
    /// The start and the size of a range for <see cref="TryReserveAt"/> are multiples of this, in bytes.
    /// </summary>
    long ReservationGranularity { get; }

    /// <summary>Reserves exactly this range. <see cref="Unmap"/> with the same arguments ends it.</summary>
    /// <returns><see langword="false"/> when any part of it is taken, or the system does not give out such
    /// addresses.</returns>
    bool TryReserveAt(nint address, long bytes);

    /// <summary>
    /// Locks part of a committed range in memory. Pages that were never touched are locked when they are, or touched
    /// now. <see cref="Decommit"/> and <see cref="Unmap"/> end it; <see cref="Trim"/> of a locked range leaves it
    /// locked, or refuses.
    /// </summary>
    /// <returns>
    /// <see langword="false"/> when refused. Then the text says which limit of the system was met, how large it is, and
    /// how to raise it.
    /// </returns>
    bool TryLock(nint address, long bytes, [NotNullWhen(false)] out string? refusal);

    /// <summary>
    /// Asks for huge pages for part of a reserved range; with <see cref="HugePages.Transparent"/> the range may also be
    /// committed. Both ends are multiples of 2 MiB. <see cref="Decommit"/> ends it.
    /// </summary>
    /// <remarks>
    /// After success with <see cref="HugePages.Reserved"/> the range is committed and zero; <see cref="Trim"/> of any
    /// part of it is refused, and so is <see cref="Decommit"/> of part of a huge page.
    /// </remarks>
    /// <returns><see langword="false"/> when refused; then the text says why, and the range is as it was.</returns>
    bool TryUseHugePages(nint address, long bytes, HugePages huge, [NotNullWhen(false)] out string? refusal);

    /// <summary>
    /// Whether the system now backs memory by huge pages of 2 MiB. <paramref name="asked"/> says whether they were
    /// requested by <see cref="HugePages.Transparent"/>; some systems make them without. Then more memory is held than
    /// is touched.
    /// </summary>
    bool MakesHugePages(bool asked);

    /// <summary>
    /// Keeps the system from using huge pages in part of a reserved range, until <see cref="TryUseHugePages"/> or
    /// <see cref="Decommit"/>.
    /// </summary>
    /// <returns><see langword="false"/> when the system refuses.</returns>
    bool TryAvoidHugePages(nint address, long bytes);

    /// <summary>
    /// Asks for the memory of a range to come from a node, by the system's number of the node (<c>mbind</c> with
    /// <c>MPOL_PREFERRED</c>). Call it after <see cref="TryUseHugePages"/> and before the range is touched.
    /// <see cref="Decommit"/> ends it.
    /// </summary>
    /// <returns><see langword="false"/> when the system refuses or knows no nodes.</returns>
    bool TryBindToNode(nint address, long bytes, int node);
}
