using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SlabGen.Memory;

namespace SlabGen;

/// <summary>
/// A typed cache as an instance, for when a static generated class will not do: for injection, for tests that share
/// nothing, for several caches of one type. Any thread may call anything.
/// </summary>
/// <remarks>
/// It gives a <see cref="KmemCache"/> a type, and adds nothing else. Its fast path looks up the thread's slot in an
/// array, where a generated class has a field of its own. The hooks of a struct (<see cref="SlabInitAttribute"/>, …)
/// belong to its generated class, and do not run here.
/// </remarks>
/// <example><code><![CDATA[
/// using var runtime = new SlabRuntime(new SlabRuntimeOptions { MemoryLimit = 64 << 20 });
/// using var orders = new KmemCache<Order>(runtime, "orders");
/// using (KmemCache<Order>.Lease order = orders.Rent())
/// {
///     order.Value = new Order { Id = 7 };
/// }
///
/// Console.WriteLine(orders.Cache.Snapshot().LiveObjects);
/// ]]></code></example>
/// <typeparam name="T">The type of the objects.</typeparam>
[DebuggerDisplay("{Cache}")]
public sealed partial class KmemCache<T> : IDisposable
    where T : unmanaged
{
    private readonly KmemCache _cache;

    /// <summary>Makes a cache.</summary>
    /// <param name="runtime">The runtime it lives in; by default <see cref="SlabRuntime.Default"/>.</param>
    /// <param name="name">A name without white space; by default the type's name.</param>
    /// <param name="options">How the cache is laid out and how much it keeps.</param>
    /// <exception cref="ArgumentException">The name is empty or has white space; or a slab is larger than the memory
    /// limit.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range, or objects are larger than 4
    /// MiB.</exception>
    /// <exception cref="ObjectDisposedException">The runtime was disposed.</exception>
    public KmemCache(SlabRuntime? runtime = null, string? name = null, SlabCacheOptions? options = null) =>
        _cache = (runtime ?? SlabRuntime.Default).CreateCache<T>(name ?? ObjectName.Fit(NameOf(typeof(T))), options);

    /// <summary>
    /// Gives an existing cache a type, for example one with a constructor
    /// (<see cref="SlabRuntime.CreateCache{T, TLife}"/>). <see cref="Dispose"/> destroys it.
    /// </summary>
    /// <param name="cache">A cache of <typeparamref name="T"/>.</param>
    /// <exception cref="ArgumentException">The objects of <paramref name="cache"/> are smaller than
    /// <typeparamref name="T"/>.</exception>
    public KmemCache(KmemCache cache)
    {
        ArgumentNullException.ThrowIfNull(cache);
        cache.RequireFit<T>();

        _cache = cache;
    }

    /// <summary>The cache by addresses. Use it for shrinking, statistics and destruction.</summary>
    public KmemCache Cache => _cache;

    /// <summary>
    /// Takes an object. It may hold the old data of another object: write all of it, or call <see cref="AllocZeroed"/>.
    /// <see cref="Rent"/> frees it at the end of a scope.
    /// </summary>
    /// <exception cref="OutOfMemoryException">The memory limit is reached, and nothing could be taken back from any
    /// cache.</exception>
    /// <exception cref="SlabException">A bad pointer that was freed before has been found; no object was
    /// taken.</exception>
    /// <exception cref="ObjectDisposedException">The cache was destroyed.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public SlabPtr<T> Alloc() => new(_cache.Alloc());

    /// <summary>
    /// Takes an object, with flags that say what the call may do to get it, and a node where it should lie.
    /// </summary>
    /// <inheritdoc cref="KmemCache.Alloc(GfpFlags, int)"/>
    /// <returns>The object, never null.</returns>
    public SlabPtr<T> Alloc(GfpFlags gfp, int node = -1) => new(_cache.Alloc(gfp, node));

    /// <summary>Takes an object and clears it.</summary>
    /// <exception cref="InvalidOperationException">The cache has a constructor, whose work clearing would
    /// undo.</exception>
    /// <inheritdoc cref="Alloc()"/>
    public SlabPtr<T> AllocZeroed() => new(_cache.AllocZeroed());

    /// <summary>Takes an object, if there is one.</summary>
    /// <param name="result">The object, or the null pointer.</param>
    /// <returns>
    /// <see langword="false"/> where <see cref="Alloc()"/> would throw <see cref="OutOfMemoryException"/>.
    /// </returns>
    /// <inheritdoc cref="KmemCache.TryAlloc(out nint)"/>
    public bool TryAlloc(out SlabPtr<T> result)
    {
        bool taken = _cache.TryAlloc(out nint address);
        result = new SlabPtr<T>(address);
        return taken;
    }

    /// <summary>Takes an object, if there is one that the flags permit.</summary>
    /// <param name="gfp">What the call may do to get it.</param>
    /// <param name="result">The object, or the null pointer.</param>
    /// <param name="node">The node on which it should lie, or -1.</param>
    /// <returns>
    /// <see langword="false"/> where <see cref="Alloc(GfpFlags, int)"/> would throw <see cref="OutOfMemoryException"/>.
    /// </returns>
    public bool TryAlloc(GfpFlags gfp, out SlabPtr<T> result, int node = -1)
    {
        bool taken = _cache.TryAlloc(gfp, out nint address, node);
        result = new SlabPtr<T>(address);
        return taken;
    }

    /// <summary>Takes an object back. It must not be used any more.</summary>
    /// <param name="obj">An object of this cache. Null is an error.</param>
    /// <exception cref="SlabException">The cache cannot take back this pointer, or one that was freed
    /// before.</exception>
    /// <exception cref="ObjectDisposedException">The cache was destroyed.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Free(SlabPtr<T> obj) => _cache.Free(obj.Address);

    /// <summary>Takes an object back after a grace period of <see cref="Rcu"/>.</summary>
    /// <param name="obj">An object of this cache that was unlinked: new readers must not find it.</param>
    /// <inheritdoc cref="KmemCache.FreeDeferred(nint)"/>
    public void FreeDeferred(SlabPtr<T> obj) => _cache.FreeDeferred(obj.Address);

    /// <summary>Takes as many objects as the span holds, or none.</summary>
    /// <param name="objects">Receives the objects.</param>
    /// <inheritdoc cref="KmemCache.AllocBulk(Span{nint})"/>
    public void AllocBulk(Span<SlabPtr<T>> objects) => _cache.AllocBulk(MemoryMarshal.Cast<SlabPtr<T>, nint>(objects));

    /// <summary>Takes as many objects as the span holds, if there are that many.</summary>
    /// <param name="objects">Receives the objects.</param>
    /// <param name="gfp">What the call may do to get them.</param>
    /// <returns>
    /// <see langword="false"/> where <see cref="AllocBulk"/> would throw <see cref="OutOfMemoryException"/>. Then none
    /// was taken.
    /// </returns>
    public bool TryAllocBulk(Span<SlabPtr<T>> objects, GfpFlags gfp = GfpFlags.Kernel) =>
        _cache.TryAllocBulk(MemoryMarshal.Cast<SlabPtr<T>, nint>(objects), gfp);

    /// <summary>Takes objects back.</summary>
    /// <param name="objects">Objects of this cache.</param>
    /// <inheritdoc cref="KmemCache.FreeBulk(ReadOnlySpan{nint})"/>
    public void FreeBulk(ReadOnlySpan<SlabPtr<T>> objects) =>
        _cache.FreeBulk(MemoryMarshal.Cast<SlabPtr<T>, nint>(objects));

    /// <summary>
    /// Takes an object for a scope: <c>using var lease = …</c> frees it at the end. Across an <c>await</c>,
    /// <see cref="Own"/> does.
    /// </summary>
    /// <returns>The lease; there must be one owner, so do not copy it.</returns>
    /// <inheritdoc cref="Alloc()"/>
    public Lease Rent() => new(this, Alloc());

    /// <summary>Sets objects aside, so that the next allocations from the reservation cannot fail.</summary>
    /// <param name="count">How many objects, at least 0.</param>
    /// <returns>The reservation. Disposing of it gives back what was not taken.</returns>
    /// <exception cref="OutOfMemoryException">There are not enough objects. None was set aside.</exception>
    public SlabReservation<T> Reserve(int count) => new(_cache, count);

    /// <inheritdoc cref="KmemCache.Snapshot"/>
    public CacheSnapshot Snapshot() => _cache.Snapshot();

    /// <summary>
    /// Frees every object at once, and gives the pages back; the cache lives on. Leases must have ended, and no pointer
    /// may be used afterwards.
    /// </summary>
    /// <inheritdoc cref="KmemCache.Reset()"/>
    public long Reset() => _cache.Reset();

    /// <summary>Ends the use of the cache, and reports the objects that were never freed.</summary>
    /// <inheritdoc cref="KmemCache.Destroy"/>
    public LeakReport Destroy() => _cache.Destroy();

    /// <summary>
    /// Does what <see cref="Destroy"/> does, without returning the report. The report stays in
    /// <see cref="KmemCache.Leak"/>, and goes to <see cref="SlabRuntime.LeaksFound"/> if it is not clean. Live objects
    /// stay mapped. It does nothing when called again.
    /// </summary>
    /// <exception cref="InvalidOperationException">The calling thread is inside a read-side section of
    /// <see cref="Rcu"/>. Nothing was done.</exception>
    public void Dispose()
    {
        Rcu.ThrowIfReading("KmemCache.Dispose");
        if (_cache.TryDestroy(out FoundErrors found))
        {
            Exception? error = found.ToException();
            LeakReport leak = _cache.Leak!;
            if (!leak.IsClean || error is not null)
            {
                _cache.IsLeakTold = true;
                SlabRuntime.Tell(new SlabRuntimeReport(leak.IsClean ? [] : [leak], 0, error));
            }
        }
    }

    /// <inheritdoc/>
    public override string ToString() => _cache.Name;

    /// <summary>Names the cache as the generator does, without what slabinfo cannot show.</summary>
    private static string NameOf(Type type) => type.IsGenericType
        ? $"{type.Name.Split('`')[0]}<{string.Join(',', type.GetGenericArguments().Select(NameOf))}>"
        : type.Name;

    /// <summary>
    /// An object that is freed at the end of a scope. The lease lives on the stack and cannot escape from there.
    /// </summary>
    [DebuggerDisplay("{Pointer}")]
    public ref struct Lease : IDisposable
    {
        private readonly KmemCache<T>? _owner;

        internal Lease(KmemCache<T> owner, SlabPtr<T> pointer)
        {
            _owner = owner;
            Pointer = pointer;
        }

        /// <summary>The object; null once it is freed.</summary>
        public SlabPtr<T> Pointer { get; private set; }

        /// <summary>The object itself.</summary>
        public readonly ref T Value => ref Pointer.Value;

        /// <summary>Frees the object. It does nothing when called again.</summary>
        public void Dispose()
        {
            SlabPtr<T> pointer = Pointer;
            if (!pointer.IsNull)
            {
                Pointer = default;
                _owner!.Free(pointer);
            }
        }
    }
}
