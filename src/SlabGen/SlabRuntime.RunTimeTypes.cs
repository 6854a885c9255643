using SlabGen.Slabs;

namespace SlabGen;

// Caches of objects whose type is known only at run time.
public sealed partial class SlabRuntime
{
    /// <summary>
    /// Makes a cache whose objects are constructed and destructed by delegates, as with <see cref="ISlabLife{T}"/>:
    /// once when their slab is made, and once when it goes.
    /// </summary>
    /// <param name="name">A name without white space.</param>
    /// <param name="objectSize">Bytes: 1 to 4 MiB, with pages of 4 KiB.</param>
    /// <param name="options">How the cache is laid out and how much it keeps.</param>
    /// <param name="construct">Constructs the object at an address, whose memory has any contents. If it returns
    /// <see langword="false"/>, the allocation fails as if memory had run out. <see langword="null"/> for none.</param>
    /// <param name="destruct">Destructs a free object. <see langword="null"/> for none.</param>
    /// <param name="state">The second argument of both.</param>
    /// <remarks>
    /// The delegates run on whichever thread needs or gives back memory, and hold no lock. What they throw comes out of
    /// the call that ran them. If one of them, or the state, belongs to a load context that can be unloaded, the cache
    /// ends with that context: see <see cref="LeakedByContext"/>.
    /// </remarks>
    /// <inheritdoc cref="CreateCache(string, int, SlabCacheOptions?)"/>
    public KmemCache CreateCache(string name, int objectSize, SlabCacheOptions? options,
        Func<nint, object?, bool>? construct, Action<nint, object?>? destruct = null, object? state = null) =>
        CreateTyped(
            name, objectSize, options,
            construct is null && destruct is null ? null : new SlabLifeByDelegate(construct, destruct, state),
            TypeOf(construct, destruct, state));

    /// <summary>The type that determines the load context of such a cache.</summary>
    private static Type TypeOf(params ReadOnlySpan<object?> users)
    {
        foreach (object? user in users)
        {
            if ((user as Delegate)?.Method.DeclaringType is { IsCollectible: true } declaring)
            {
                return declaring;
            }

            if (((user as Delegate)?.Target ?? user)?.GetType() is { IsCollectible: true } own)
            {
                return own;
            }
        }

        return typeof(SlabRuntime);
    }

    /// <summary>
    /// Makes a cache whose objects are constructed and destructed by functions of another language, or by methods with
    /// <see cref="System.Runtime.InteropServices.UnmanagedCallersOnlyAttribute"/>.
    /// </summary>
    /// <param name="name">A name without white space.</param>
    /// <param name="objectSize">Bytes: 1 to 4 MiB, with pages of 4 KiB.</param>
    /// <param name="options">How the cache is laid out and how much it keeps.</param>
    /// <param name="construct"><c>int construct(void *object, void *state)</c>, or null. It returns 0 when the object
    /// was made, as <c>umem_constructor_t</c> and <c>uma_init</c> do.</param>
    /// <param name="destruct"><c>void destruct(void *object, void *state)</c>, or null.</param>
    /// <param name="state">The second argument of both.</param>
    /// <remarks>
    /// The functions must not throw: an exception that leaves unmanaged code ends the process. And they must stay:
    /// destroy the cache before their library or load context is unloaded.
    /// </remarks>
    /// <inheritdoc cref="CreateCache(string, int, SlabCacheOptions?)"/>
    public unsafe KmemCache CreateCache(string name, int objectSize, SlabCacheOptions? options,
        delegate* unmanaged<nint, nint, int> construct, delegate* unmanaged<nint, nint, void> destruct,
        nint state = 0) =>
        CreateNamed(name, objectSize, options,
            construct == null && destruct == null ? null : new SlabLifeByFunction(construct, destruct, state));
}
