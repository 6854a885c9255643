using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace SlabGen.CompilerServices;

/// <summary>
/// The calls that generated code makes. Programs have no use for it: <see cref="KmemCache"/>,
/// <see cref="SlabHandles{T}"/> and <see cref="SlabOwner{T}"/> have the same methods without a slot.
/// </summary>
/// <remarks>
/// A slot is a static field of the generated class. It refers to what one thread holds of the cache, and is null until
/// the thread first uses it. Each method calls the runtime and is inlined, so that a generated slow path costs one
/// call.
/// </remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class GeneratedCache
{
    /// <summary>
    /// Makes the cache of a class whose objects have neither constructor nor destructor, and keeps it.
    /// </summary>
    /// <remarks>
    /// It is not generic: it gets the size and the type of the user's struct as arguments, so it is compiled ahead, not
    /// at the first object. If it fails, the next use tries again, which a static initialiser would not do.
    /// </remarks>
    /// <param name="place">Where the cache is kept. Null until it is made.</param>
    /// <param name="runtime">The runtime.</param>
    /// <param name="type">The type of the objects.</param>
    /// <param name="size">Bytes of an object.</param>
    /// <param name="name">The cache's name.</param>
    /// <param name="options">The cache's options.</param>
    /// <param name="handles">Whether the class has handles, so that the objects are never moved.</param>
    /// <returns>The cache. If two threads make one at once, both get the same.</returns>
    public static KmemCache Make(ref KmemCache? place, SlabRuntime runtime, Type type, int size, string name,
        SlabCacheOptions options, bool handles = false)
    {
        ArgumentNullException.ThrowIfNull(runtime);
        return SlabRuntime.KeepFirst(ref place, runtime.CreateTyped(name, size, options, life: null, type), handles);
    }

    /// <summary>Makes the cache of a class whose objects have a constructor or a destructor, and keeps it.</summary>
    /// <typeparam name="T">The type of the objects.</typeparam>
    /// <typeparam name="TLife">The constructor and the destructor.</typeparam>
    /// <inheritdoc cref="Make(ref KmemCache?, SlabRuntime, Type, int, string, SlabCacheOptions, bool)"/>
    public static KmemCache Make<T, TLife>(ref KmemCache? place, SlabRuntime runtime, string name,
        SlabCacheOptions options, bool handles = false)
        where T : unmanaged
        where TLife : ISlabLife<T>
    {
        ArgumentNullException.ThrowIfNull(runtime);
        return SlabRuntime.KeepFirst(ref place, runtime.CreateCache<T, TLife>(name, options), handles);
    }

    /// <summary>
    /// Turns a struct's name into a name for its cache. The struct's name may be too long, or have characters that a
    /// cache's name may not have.
    /// </summary>
    /// <param name="name">The struct's name, with those of its type arguments.</param>
    /// <returns>The name itself, or the nearest name that a cache may have; <c>_</c> for an empty one.</returns>
    public static string FitName(string name) => SlabRuntime.FitName(name);

    /// <summary>Gets what the calling thread holds of a cache, and makes it if there is nothing yet.</summary>
    /// <param name="cache">The cache.</param>
    /// <param name="slot">The calling thread's slot.</param>
    /// <returns>Null in checked mode, which has no fast path.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ThreadCache? Attach(KmemCache cache, ref ThreadCache? slot) => cache.Attach(ref slot);

    /// <summary>Allocates an object after the fast path failed.</summary>
    /// <inheritdoc cref="TryAlloc"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nint AllocSlow(KmemCache cache, ref ThreadCache? slot) => cache.AllocSlow(ref slot);

    /// <summary>Tries to allocate an object after the fast path failed.</summary>
    /// <inheritdoc cref="TryAlloc"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryAllocSlow(KmemCache cache, ref ThreadCache? slot, out nint address) =>
        cache.TryAllocSlow(ref slot, out address);

    /// <summary>Frees an object after the fast path failed.</summary>
    /// <param name="cache">The cache.</param>
    /// <param name="slot">The calling thread's slot.</param>
    /// <param name="address">The object.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void FreeSlow(KmemCache cache, ref ThreadCache? slot, nint address) =>
        cache.FreeSlow(ref slot, address);

    /// <summary>Allocates an object with flags.</summary>
    /// <inheritdoc cref="TryAlloc"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nint Alloc(KmemCache cache, ref ThreadCache? slot, GfpFlags gfp, int node) =>
        cache.Alloc(ref slot, gfp, node);

    /// <summary>Tries to allocate an object with flags.</summary>
    /// <param name="cache">The cache.</param>
    /// <param name="slot">The calling thread's slot.</param>
    /// <param name="gfp">What the call may do to find memory.</param>
    /// <param name="address">The object, or 0.</param>
    /// <param name="node">The NUMA node where the object should lie, or -1 for any.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryAlloc(KmemCache cache, ref ThreadCache? slot, GfpFlags gfp, out nint address, int node) =>
        cache.TryAlloc(ref slot, gfp, out address, node);

    /// <summary>Fills a span with new objects: all of them or none.</summary>
    /// <inheritdoc cref="FreeBulk"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AllocBulk(KmemCache cache, ref ThreadCache? slot, Span<nint> addresses) =>
        cache.AllocBulk(ref slot, addresses);

    /// <summary>Tries to fill a span with new objects: all of them or none.</summary>
    /// <inheritdoc cref="FreeBulk"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryAllocBulk(KmemCache cache, ref ThreadCache? slot, Span<nint> addresses) =>
        cache.TryAllocBulk(ref slot, addresses);

    /// <summary>Frees every object of a span.</summary>
    /// <param name="cache">The cache.</param>
    /// <param name="slot">The calling thread's slot.</param>
    /// <param name="addresses">The objects.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void FreeBulk(KmemCache cache, ref ThreadCache? slot, ReadOnlySpan<nint> addresses) =>
        cache.FreeBulk(ref slot, addresses);

    /// <summary>Allocates an object and returns a handle to it.</summary>
    /// <inheritdoc cref="TryAllocHandle"/>
    public static SlabHandle<T> AllocHandle<T>(SlabHandles<T> handles, ref ThreadCache? slot)
        where T : unmanaged => handles.Alloc(ref slot);

    /// <summary>Tries to allocate an object and gives a handle to it.</summary>
    /// <typeparam name="T">The type of the object.</typeparam>
    /// <param name="handles">The handles of the cache.</param>
    /// <param name="slot">The calling thread's slot.</param>
    /// <param name="handle">The handle, or the default one.</param>
    public static bool TryAllocHandle<T>(SlabHandles<T> handles, ref ThreadCache? slot, out SlabHandle<T> handle)
        where T : unmanaged => handles.TryAlloc(ref slot, out handle);

    /// <summary>Ends a free by a handle that <see cref="SlabHandles{T}.TryRelease"/> did not end.</summary>
    /// <typeparam name="T">The type of the object.</typeparam>
    /// <param name="handles">The handles of the cache.</param>
    /// <param name="handle">The handle.</param>
    /// <exception cref="SlabException">Always (<see cref="SlabFault.StaleHandle"/>).</exception>
    [DoesNotReturn]
    public static void ThrowStale<T>(SlabHandles<T> handles, SlabHandle<T> handle)
        where T : unmanaged => handles.ThrowStale(handle);

    /// <summary>Allocates an object for an owner that finishes it before it frees it.</summary>
    /// <typeparam name="T">The type of the object.</typeparam>
    /// <param name="cache">The cache.</param>
    /// <param name="finish">Called with the object at the disposal. If it throws, the owner keeps the object.</param>
    public static SlabOwner<T> Own<T>(KmemCache cache, Action<SlabPtr<T>> finish)
        where T : unmanaged => new(cache, finish);

    /// <summary>Frees all objects of a cache at once (<see cref="KmemCache.Reset()"/>).</summary>
    /// <param name="cache">The cache.</param>
    /// <param name="clear">Whether live objects are cleared, as they are when they are freed.</param>
    /// <returns>How many objects were live.</returns>
    public static long Reset(KmemCache cache, bool clear) => cache.Reset(clear);

    /// <summary>Makes sure that only one thread uses a single-threaded class.</summary>
    /// <param name="cache">The cache.</param>
    /// <param name="owner">The first thread that called this. Null before that.</param>
    /// <exception cref="InvalidOperationException">The calling thread is another one.</exception>
    public static void CheckThread(KmemCache cache, ref Thread? owner) => cache.CheckThread(ref owner);

    /// <summary>
    /// Ends an allocation whose object <see cref="SlabInitAttribute"/> refused. All objects were freed.
    /// </summary>
    /// <param name="cache">The cache.</param>
    /// <param name="objects">How many objects were requested.</param>
    /// <exception cref="OutOfMemoryException">Always.</exception>
    [DoesNotReturn]
    public static void ThrowRefused(KmemCache cache, int objects) => cache.ThrowRefused(objects);
}
