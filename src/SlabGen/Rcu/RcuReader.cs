using System.Runtime.CompilerServices;
using SlabGen.Memory;

namespace SlabGen;

/// <summary>The record of one thread's read-side sections: one word, which only that thread writes.</summary>
/// <remarks>
/// <c>State</c> is 0 outside a section. Inside, it is the number of the latest grace period when the outermost section
/// began, plus the depth of nesting. Numbers are multiples of <see cref="Step"/>, which leaves 47 bits for them: at a
/// grace period every microsecond, four years. A thread that entered with number <c>n</c> has a state above <c>n</c>,
/// so it counts as at or past <c>n</c>.
/// </remarks>
internal sealed class RcuReader
{
    /// <summary>The distance from one grace period's number to the next. Sections nest less deeply than this.</summary>
    public const long Step = 1 << 16;

    /// <summary>
    /// The latest grace period that has begun. Written under the lock of <see cref="GracePeriods"/>, read by readers.
    /// </summary>
    /// <remarks>It is in this class, which needs no initialisation, because every outermost section reads it.</remarks>
    public static long Latest;

    [ThreadStatic]
    private static RcuReader? t_current;

    /// <summary>The owner thread writes it at any time; anyone reads it.</summary>
    public long State;

#pragma warning disable CS0169, IDE0051 // Keeps the word above off the cache lines of other threads' words.
    private readonly CacheLinePair _padding;
#pragma warning restore CS0169, IDE0051

    private readonly Thread _owner = Thread.CurrentThread;

    private RcuReader()
    {
    }

    /// <summary>The calling thread's record. It is made and registered at the thread's first section.</summary>
    public static RcuReader Current
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => t_current ?? Register();
    }

    /// <summary>Whether the calling thread is inside a section.</summary>
    public static bool IsReading => t_current is { State: not 0 };

    /// <summary>Ends every section of the calling thread.</summary>
    /// <returns>Whether it was in a section.</returns>
    public static bool TryLeave()
    {
        bool reading = IsReading;
        if (reading)
        {
            Volatile.Write(ref t_current!.State, 0);
        }

        return reading;
    }

    /// <summary>The thread that the record belongs to.</summary>
    public Thread Owner => _owner;

    /// <summary>Whether the thread may still read. A dead thread does not, whatever its state says.</summary>
    public bool OwnerIsAlive => _owner.IsAlive;

    /// <summary>The state one section further in.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static long Nest(long state) => (state & (Step - 1)) != Step - 1
        ? state + 1
        : throw new InvalidOperationException($"Rcu.Read: {Step - 1} sections are nested on this thread, which is the most there can be.");

    /// <summary>The state after leaving the innermost section.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long Leave(long state) => (state & (Step - 1)) == 1 ? 0 : state - 1;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static RcuReader Register()
    {
        var reader = new RcuReader();
        GracePeriods.OfProcess.Add(reader);
        t_current = reader;
        return reader;
    }
}
