namespace SlabGen.Pools;

/// <summary>What a debugger shows for a reservation.</summary>
/// <typeparam name="T">The type of the objects.</typeparam>
internal sealed class ReservationDebugView<T>(SlabReservation<T> reservation)
    where T : unmanaged
{
    public KmemCache Cache => reservation.Cache;

    public int Remaining => reservation.Remaining;

    /// <summary>The objects that were not taken yet. Their contents are undefined.</summary>
    public SlabPtr<T>[] Objects => reservation.Left();
}
