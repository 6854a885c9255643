using System.Runtime.CompilerServices;
using SlabGen.CompilerServices;

namespace SlabGen.Magazines;

/// <summary>
/// The thread-static slots of caches that no generated class serves: an array per thread, indexed by the cache's id.
/// </summary>
/// <remarks>
/// An id is used again after its cache was destroyed. The old thread cache that then still lies in a slot is shut for
/// good. So the fast path fails on it, and the slow path puts a new one in its place.
/// </remarks>
internal static class ThreadSlots
{
    [ThreadStatic]
    private static ThreadCache?[]? t_slots;

    /// <summary>The calling thread's cache for an id, if it has one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ThreadCache? Peek(int id)
    {
        ThreadCache?[]? slots = t_slots;
        return slots is not null && (uint)id < (uint)slots.Length ? slots[id] : null;
    }

    /// <summary>The calling thread's slot for an id.</summary>
    public static ref ThreadCache? Slot(int id) => ref AllUpTo(id)[id];

    /// <summary>The calling thread's slots, at least up to an id. They move when it needs more.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ThreadCache?[] AllUpTo(int id)
    {
        ThreadCache?[] slots = t_slots ??= new ThreadCache?[Math.Max(64, id + 1)];
        if (id >= slots.Length)
        {
            Array.Resize(ref slots, Math.Max(slots.Length * 2, id + 1));
            t_slots = slots;
        }

        return slots;
    }
}
