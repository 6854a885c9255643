namespace SlabGen.Stress;

/// <summary>A cache of a scenario, and what holds for its objects.</summary>
internal sealed class Kind(KmemCache cache, SlabCacheOptions options, bool isConstructed)
{
    public KmemCache Cache => cache;

    public int Size => cache.ObjectSize;

    public bool IsConstructed => isConstructed;

    /// <summary>Whether an allocation may wait for ever: not where others may hold all that a limit leaves.</summary>
    public bool MayWaitForEver => options is { MaxObjects: 0, MaxBytes: 0, Account: null, Zone: ZoneKind.Normal };

    /// <summary>What was just allocated is where, and as, it must be.</summary>
    public void CheckNew(nint address, bool isZeroed)
    {
        int alignment = options.Alignment != 0 ? options.Alignment : 8;
        if (address == 0 || address % alignment != 0)
        {
            throw new StressException($"{cache.Name}: 0x{address:x} is not aligned to {alignment}.");
        }

        if (options is { Zone: ZoneKind.Dma32, Fallback: ZoneFallback.Strict } && (ulong)address >> 32 != 0)
        {
            throw new StressException($"{cache.Name}: 0x{address:x} is above 4 GiB, in a cache that is strictly below.");
        }

        if (isConstructed)
        {
            Pattern.Check(Pattern.Words(address, Size), cache.Name);
        }

        if (isZeroed)
        {
            Stamp.CheckZero(address, Size, cache.Name);
        }
    }

    /// <summary>Brings an object into the state in which it is freed.</summary>
    public void Leave(nint address)
    {
        if (isConstructed)
        {
            Pattern.Write(Pattern.Words(address, Size));
        }
        else
        {
            Stamp.WriteFreed(address, Size);
        }
    }

    /// <summary>Whether an exception may come out of a free.</summary>
    public bool MayThrowInFree(Exception error) => isConstructed && Planned.InFree(error);
}
