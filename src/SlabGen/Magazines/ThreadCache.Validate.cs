using SlabGen.Magazines;

namespace SlabGen.CompilerServices;

// The invariants, counted where they do not hold. The gate is held from Shut to Open.
public sealed partial class ThreadCache
{
    /// <summary>The first step of a revocation: from now on both compares fail.</summary>
    internal void Shut()
    {
        (_openLow, _openHigh) = (Words.Low, Words.High);
        Words.Shut();
    }

    /// <summary>Ends what <see cref="Shut"/> began.</summary>
    internal void Open()
    {
        Words.Low = _openLow;
        Words.High = _openHigh;
    }

    /// <summary>
    /// Shut, and after a process-wide barrier: looks at both magazines. Of an owner that is not seen outside the last
    /// entry is left out, as a revocation leaves it: an operation in flight may be about to take it.
    /// </summary>
    internal unsafe void Validate(ValidationReport report, CachedObjects cached)
    {
        if (_held.Magazine != null)
        {
            bool outside = Owner.IsOutside();
            Interlocked.MemoryBarrier(); // as in Revoke
            nint top = Volatile.Read(ref Words.Top), end = outside ? top : top - sizeof(nint);
            nint rounds = (nint)Magazine.Rounds(_held.Magazine);
            nint room = rounds + (_held.Magazine->Capacity * sizeof(nint));
            if (_held.Bottom < rounds || (outside && top < _held.Bottom) || top > room)
            {
                report.Add($"the loaded magazine of thread {Owner.Id} has its top at {(top - rounds) / sizeof(nint)}, its bottom at {(_held.Bottom - rounds) / sizeof(nint)}, and room for {_held.Magazine->Capacity}");
            }
            else if (end > _held.Bottom)
            {
                cached.Add(new ReadOnlySpan<nint>((nint*)_held.Bottom, (int)((end - _held.Bottom) / sizeof(nint))));
            }
        }

        if (_previous != null)
        {
            report.Expect(0, $"rounds of the previous magazine of thread {Owner.Id}, full or empty", _previous->Count, _previous->Count == 0 ? 0 : _previous->Capacity);
            cached.Add(_previous);
        }
    }
}
