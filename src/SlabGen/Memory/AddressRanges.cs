namespace SlabGen.Memory;

/// <summary>A set of addresses, stored as the fewest ranges that hold it. Any thread may call.</summary>
internal sealed class AddressRanges
{
    private readonly UninterruptibleLock _lock = new();

    // No two overlap or touch; in no order. A zone's sections are neighbours, so there are few.
    private readonly ValueList<Bound> _ranges = new();

    /// <summary>Adds a range. Part of it may be in already.</summary>
    public void Add(nint address, long bytes)
    {
        (nuint start, nuint end) = Bounds(address, bytes);
        using (_lock.Hold())
        {
            for (int i = _ranges.Count - 1; i >= 0; i--)
            {
                if (_ranges[i].Start <= end && start <= _ranges[i].End)
                {
                    (start, end) = (nuint.Min(start, _ranges[i].Start), nuint.Max(end, _ranges[i].End));
                    _ranges.RemoveAt(i);
                }
            }

            _ranges.Add(new Bound(start, end));
        }
    }

    /// <summary>Removes everything that lies in a range.</summary>
    public void Remove(nint address, long bytes)
    {
        (nuint start, nuint end) = Bounds(address, bytes);
        using (_lock.Hold())
        {
            for (int i = _ranges.Count - 1; i >= 0; i--)
            {
                Bound range = _ranges[i];
                if (range.Start < end && start < range.End)
                {
                    _ranges.RemoveAt(i);
                    if (range.Start < start)
                    {
                        _ranges.Add(new Bound(range.Start, start));
                    }

                    if (end < range.End)
                    {
                        _ranges.Add(new Bound(end, range.End));
                    }
                }
            }
        }
    }

    /// <summary>Whether any part of a range is in the set.</summary>
    public bool Overlaps(nint address, long bytes)
    {
        (nuint start, nuint end) = Bounds(address, bytes);
        using (_lock.Hold())
        {
            for (int i = 0; i < _ranges.Count; i++)
            {
                if (_ranges[i].Start < end && start < _ranges[i].End)
                {
                    return true;
                }
            }

            return false;
        }
    }

    private static Bound Bounds(nint address, long bytes) => new((nuint)address, (nuint)address + (nuint)bytes);

    private readonly record struct Bound(nuint Start, nuint End);
}
