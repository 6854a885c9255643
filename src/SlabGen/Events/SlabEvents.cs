using SlabGen.Memory;

namespace SlabGen.Events;

/// <summary>
/// Events on their way to <see cref="SlabEventSource"/>. Most happen under locks of the allocator, and a listener is
/// users' code, which runs without any. So an event is noted where it happens, and told where nothing is held.
/// </summary>
/// <remarks>
/// <para>Everything is under the lock, a leaf, but <see cref="IsOn"/> and <see cref="Waits"/>, which anyone reads. Who
/// tells is alone; another thread that comes meanwhile leaves its events to it or to the next. So events come in their
/// order. At most <see cref="Capacity"/> wait: of those beyond it the number is told.</para>
/// <para>While nobody listens nothing is noted, and a place where something happens reads one word.</para>
/// </remarks>
internal static class SlabEvents
{
    /// <summary>How many events may wait.</summary>
    public const int Capacity = 1024;

    private static readonly UninterruptibleLock s_lock = new();
    private static SlabEvent[]? s_waiting; // lock: a ring, made when somebody first listens
    private static int s_first; // lock
    private static int s_count; // lock; read by anyone
    private static long s_lost; // lock
    private static bool s_isOn; // by the source; read by anyone
    private static int s_telling; // by exchange: 1 while a thread tells

    /// <summary>Whether anybody listens.</summary>
    public static bool IsOn => DiagnosticsSwitch.IsSupported && Volatile.Read(ref s_isOn);

    /// <summary>Whether events wait to be told.</summary>
    public static bool Waits => Volatile.Read(ref s_count) > 0;

    /// <summary>Called when somebody begins to listen, or the last one ends.</summary>
    public static void Turn(bool on)
    {
        SlabEvent[]? ring = on && s_waiting is null ? new SlabEvent[Capacity] : null;
        using (s_lock.Hold())
        {
            s_waiting ??= ring;
            if (!on)
            {
                s_waiting?.AsSpan().Clear();
                (s_first, s_count, s_lost) = (0, 0, 0);
            }
        }

        Volatile.Write(ref s_isOn, on);
    }

    /// <summary>Notes an event, under whatever locks. The caller has seen <see cref="IsOn"/>.</summary>
    public static void Note(in SlabEvent what)
    {
        using (s_lock.Hold())
        {
            if (s_waiting is not { } ring || s_count == ring.Length)
            {
                s_lost++;
                return;
            }

            ring[(s_first + s_count) % ring.Length] = what;
            Volatile.Write(ref s_count, s_count + 1);
        }
    }

    /// <summary>
    /// Tells what was noted. The caller holds no lock of the allocator. A listener may use caches: what it causes waits
    /// for the next call.
    /// </summary>
    public static void Tell()
    {
        if (!DiagnosticsSwitch.IsSupported || !Waits || Interlocked.Exchange(ref s_telling, 1) != 0)
        {
            return;
        }

        try
        {
            for (int left = Capacity; left > 0 && TryTake(out SlabEvent what, out long lost); left--)
            {
                SlabEventSource.Log.Tell(what, lost);
            }
        }
        finally
        {
            Volatile.Write(ref s_telling, 0);
        }
    }

    private static bool TryTake(out SlabEvent what, out long lost)
    {
        (what, lost) = (default, 0);
        using (s_lock.Hold())
        {
            if (s_count == 0)
            {
                return false;
            }

            what = s_waiting![s_first];
            s_waiting[s_first] = default; // keeps no name
            s_first = (s_first + 1) % s_waiting.Length;
            Volatile.Write(ref s_count, s_count - 1);
            (lost, s_lost) = (s_lost, 0);
            return true;
        }
    }
}
