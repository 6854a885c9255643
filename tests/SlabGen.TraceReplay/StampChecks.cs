namespace SlabGen.TraceReplay;

/// <summary>What the checks of the stamps found. Any thread; the first error wins.</summary>
internal sealed class StampChecks
{
    private string? _firstError;

    /// <summary>What was wrong first, or null if no stamp was wrong.</summary>
    public string? FirstError => Volatile.Read(ref _firstError);

    /// <summary>Checks every byte of an object that is about to be freed.</summary>
    public void Check(nint address, long size, int number)
    {
        long wrong = Stamp.FindWrongByte(address, size, number);

        if (wrong >= 0)
        {
            string error = $"not verified: allocation {number + 1} of {size} bytes lost its stamp at byte {wrong} while it was live";
            _ = Interlocked.CompareExchange(ref _firstError, error, null);
        }
    }
}
