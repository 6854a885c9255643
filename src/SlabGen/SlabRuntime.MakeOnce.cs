using SlabGen.Memory;

namespace SlabGen;

// What generated code calls to make and name its cache.
public sealed partial class SlabRuntime
{
    /// <summary>For generated code: keeps the cache that it made.</summary>
    /// <remarks>
    /// Without a lock: the options of the cache may be users' code. If two caches are made at once, one of them is
    /// dropped.
    /// </remarks>
    /// <param name="place">Where the cache is kept: null until it is made.</param>
    /// <param name="made">The cache.</param>
    /// <param name="handles">Handles refer to where the objects lie: before anybody sees the cache it is said that they
    /// never move.</param>
    /// <returns>The cache that is kept.</returns>
    internal static KmemCache KeepFirst(ref KmemCache? place, KmemCache made, bool handles = false)
    {
        if (handles)
        {
            made.TryPin(); // nobody can have set a move callback
        }

        if (Interlocked.CompareExchange(ref place, made, null) is not { } earlier)
        {
            return made;
        }

        made.TryDestroy(out _); // no other code knows it
        return earlier;
    }

    /// <summary>
    /// Turns a struct's name into a name for its cache. It is made of identifiers, which may have any length and
    /// invisible letters.
    /// </summary>
    /// <param name="name">The struct's name and those of its type arguments.</param>
    /// <returns>The name itself, or the nearest name that a cache may have; <c>_</c> for an empty one.</returns>
    internal static string FitName(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return ObjectName.Fit(name);
    }
}
