using SlabGen.Memory;

namespace SlabGen;

// What generated code calls to make and name its cache.
public sealed partial class SlabRuntime
{
    /// <summary>
    /// Makes the cache of a generated class once. If that fails, the next use tries again, which a class initialiser
    /// would not do.
    /// </summary>
    /// <remarks>
    /// It takes no lock, because the options of the cache may be users' code. If two threads make a cache at once, one
    /// cache is dropped.
    /// </remarks>
    /// <param name="place">Where the cache is kept. Null until it is made.</param>
    /// <param name="make">Makes the cache.</param>
    internal static KmemCache MakeOnce(ref KmemCache? place, Func<KmemCache> make)
    {
        ArgumentNullException.ThrowIfNull(make);
        if (Volatile.Read(ref place) is { } there)
        {
            return there;
        }

        KmemCache made = make();
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
