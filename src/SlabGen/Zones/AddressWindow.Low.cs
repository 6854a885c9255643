using SlabGen.Memory;

namespace SlabGen.Zones;

// Which of the low addresses a window gets.
internal sealed partial class AddressWindow
{
    /// <summary>
    /// Ends the reservations of the highest addresses: those that are not needed, or exceed a fair share.
    /// </summary>
    private void LeaveToOthers(long sectionBytes, long most)
    {
        AddressRange[] found = _reservations.ToArray();
        long share = Math.Max(found.Sum(range => range.Bytes) / 2, sectionBytes);
        long missing = Math.Min(share, Page.RoundUp(Math.Min(most, share), sectionBytes));
        _reservations.Clear();
        foreach ((nint start, long bytes) in found) // in rising order
        {
            nint end = (nint)Math.Min(Page.RoundUp(start + (nint)missing, sectionBytes), start + bytes);
            if (missing <= 0)
            {
                _memory.Unmap(start, bytes);
            }
            else if (end == start + bytes)
            {
                _reservations.Add(new AddressRange(start, bytes));
                missing -= bytes;
            }
            else
            {
                _memory.Unmap(start, bytes); // a reservation can only end as a whole
                if (_memory.TryReserveAt(start, end - start))
                {
                    _reservations.Add(new AddressRange(start, end - start));
                    missing -= end - start;
                }
            }
        }
    }

    /// <summary>Reserves a range. If part of it is taken, reserves what is free of both halves.</summary>
    private void ReserveFree(nint start, nint end)
    {
        if (_memory.TryReserveAt(start, end - start))
        {
            _reservations.Add(new AddressRange(start, end - start));
            return;
        }

        // Stop at 64 KiB, because no system has a coarser grain.
        nint grain = (nint)Math.Max(_memory.ReservationGranularity, 64 << 10);
        nint middle = start + ((end - start) / 2 / grain * grain);
        if (end - start > grain && middle > start)
        {
            ReserveFree(start, middle);
            ReserveFree(middle, end);
        }
    }
}
