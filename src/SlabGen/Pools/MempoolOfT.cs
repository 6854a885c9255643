using System.Diagnostics;

namespace SlabGen;

/// <summary>A <see cref="Mempool"/> of objects of a type.</summary>
/// <typeparam name="T">The type of the objects.</typeparam>
[DebuggerDisplay("{Untyped}")]
public sealed class Mempool<T> : IDisposable
    where T : unmanaged
{
    /// <summary>Makes a pool and fills its reserve.</summary>
    /// <param name="cache">A cache of <typeparamref name="T"/>. It must outlive the pool.</param>
    /// <param name="minimum">Elements in reserve, at least 1.</param>
    /// <param name="name">The name for messages; by default that of the cache.</param>
    /// <exception cref="ArgumentException">The objects of <paramref name="cache"/> are smaller than
    /// <typeparamref name="T"/>, or the name is not valid.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="minimum"/> is less than 1.</exception>
    /// <exception cref="OutOfMemoryException">There are not enough objects. None was taken.</exception>
    public Mempool(KmemCache cache, int minimum, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(cache);
        cache.RequireFit<T>();

        Untyped = new Mempool(cache, minimum, name);
    }

    /// <summary>The pool by addresses. It has the counts, and the way to change the size.</summary>
    public Mempool Untyped { get; }

    /// <inheritdoc cref="Mempool.Alloc(CancellationToken)"/>
    public SlabPtr<T> Alloc(CancellationToken cancellationToken = default) => new(Untyped.Alloc(cancellationToken));

    /// <inheritdoc cref="Mempool.Alloc(TimeSpan, CancellationToken)"/>
    public SlabPtr<T> Alloc(TimeSpan timeout, CancellationToken cancellationToken = default) =>
        new(Untyped.Alloc(timeout, cancellationToken));

    /// <inheritdoc cref="Mempool.AllocAsync"/>
    public ValueTask<SlabPtr<T>> AllocAsync(CancellationToken cancellationToken = default)
    {
        ValueTask<nint> element = Untyped.AllocAsync(cancellationToken);
        return element.IsCompletedSuccessfully
            ? new ValueTask<SlabPtr<T>>(new SlabPtr<T>(element.Result)) : Convert(element);

        static async ValueTask<SlabPtr<T>> Convert(ValueTask<nint> element) => new(await element.ConfigureAwait(false));
    }

    /// <inheritdoc cref="Mempool.TryAlloc"/>
    public bool TryAlloc(out SlabPtr<T> element)
    {
        bool taken = Untyped.TryAlloc(out nint address);
        element = new SlabPtr<T>(address);
        return taken;
    }

    /// <inheritdoc cref="Mempool.Free"/>
    public void Free(SlabPtr<T> element) => Untyped.Free(element.Address);

    /// <inheritdoc cref="Mempool.Dispose"/>
    public void Dispose() => Untyped.Dispose();
}
