using SlabGen.Magazines;

namespace SlabGen.CompilerServices;

// What can be seen of a thread cache. Its rounds may be read by whoever has the gate: the magazine cannot go, but while
// the owner runs its top is a snapshot.
public sealed partial class ThreadCache
{
    /// <summary>Under the gate: adds what is held here to a count.</summary>
    internal unsafe void CountInto(ref MagazineCounts counts)
    {
        if (_held.Magazine != null)
        {
            counts.Loaded++;
            // Below 0 while a batch is claimed.
            counts.Objects += Math.Max(0, (Volatile.Read(ref Words.Top) - _held.Bottom) / sizeof(nint));
            counts.Bytes += Magazine.BytesFor(_held.Magazine->Capacity);
        }

        if (_previous != null)
        {
            counts.Loaded++;
            counts.Objects += _previous->Count;
            counts.Bytes += Magazine.BytesFor(_previous->Capacity);
        }
    }

    /// <summary>
    /// Milliseconds after which the kernel is asked again whether an owner that was seen at work sleeps: that takes
    /// longer than a full cache may.
    /// </summary>
    private const int LeftFor = 15;

    /// <summary>
    /// Looks at a thread cache whose gate is held, with pauses that double: it is held for a few operations.
    /// </summary>
    private const int Looks = 4, Spin = 20;

    /// <summary>
    /// Whether a revocation would be worth its while: something is held here, and it is not the one object that a
    /// revocation has just had to leave to an owner at work. Any thread, without the gate: it reads words, and follows
    /// no pointer.
    /// </summary>
    /// <remarks>
    /// Magazines change under the gate, by the owner in a visit that is counted. So who sees the gate free before and
    /// after, and no visit between, saw one state of them; a gate that stays held may hide something. What a revocation
    /// takes meanwhile is a visit to the slabs.
    /// </remarks>
    internal bool MayHoldFree
    {
        get
        {
            for (int look = 0; look < Looks; look++)
            {
                int visits = Volatile.Read(ref _visits);
                if (!Gate.IsTaken)
                {
                    if (SeemsToHoldFree)
                    {
                        return true;
                    }

                    Volatile.ReadBarrier();
                    if (!Gate.IsTaken && visits == Volatile.Read(ref _visits))
                    {
                        return false;
                    }
                }

                Thread.SpinWait(Spin << look);
            }

            return true;
        }
    }

    private unsafe bool SeemsToHoldFree
    {
        get
        {
            nint held = Volatile.Read(ref Words.Top) - _held.Bottom;
            return _previous != null
                || (_held.Magazine != null && held != 0
                    && (held != sizeof(nint) || Words.Top != _leftTop || Owner.HasLeft(_held.ShutAt, askKernel: false)
                        || Environment.TickCount64 - _leftAt >= LeftFor));
        }
    }

    /// <summary>Under the gate: whether a free object is held here.</summary>
    internal unsafe bool Holds(nint address)
    {
        nint top = Volatile.Read(ref Words.Top);
        bool inLoaded = _held.Magazine != null && top > _held.Bottom
            && new ReadOnlySpan<nint>((nint*)_held.Bottom, (int)((top - _held.Bottom) / sizeof(nint)))
                .Contains(address);
        return inLoaded || (_previous != null && Magazine.Objects(_previous).Contains(address));
    }
}
