namespace SlabGen.Guards;

/// <summary>The guarded objects of one cache.</summary>
/// <remarks>Its methods take the lock of the <see cref="GuardPool"/>, a leaf. It has no state of its own.</remarks>
internal sealed class CacheGuards
{
    private readonly GuardSampler _sampler;
    private readonly GuardPool _pool;
    private readonly int _size, _alignment;

    private CacheGuards(GuardSampler sampler, GuardPool pool, string name, uint cacheId, int size, int alignment)
    {
        _sampler = sampler;
        _pool = pool;
        (Name, CacheId, _size, _alignment) = (name, cacheId, size, alignment);
    }

    public string Name { get; }

    public uint CacheId { get; }

    /// <summary>Whether this allocation is one to guard.</summary>
    public bool IsDue => _sampler.IsDue();

    public GuardSampler Sampler => _sampler;

    /// <summary>How many are live.</summary>
    public int Live => _pool.CountLive(this);

    /// <summary>For a cache whose objects can be guarded; null for others.</summary>
    public static CacheGuards? Of(GuardSampler? sampler, string name, uint cacheId, int size, int alignment) =>
        sampler?.Pool is { } pool && size <= Memory.Page.Size && alignment <= Memory.Page.Size
            ? new CacheGuards(sampler, pool, name, cacheId, size, alignment)
            : null;

    /// <summary>Takes a guarded object, of zeros.</summary>
    /// <returns><see langword="false"/> when there is no room, or no memory.</returns>
    public bool TryTake(GuardSite site, out nint address) => _pool.TryTake(this, _size, _alignment, site, out address);

    /// <summary>Notes who frees an object, if it is a live one of this cache.</summary>
    public void NoteFree(nint address)
    {
        if (GuardRange.Contains(address))
        {
            _pool.NoteFree(this, address, GuardSite.Capture());
        }
    }

    /// <inheritdoc cref="NoteFree(nint)"/>
    public void NoteFree(ReadOnlySpan<nint> addresses)
    {
        foreach (nint address in addresses)
        {
            NoteFree(address);
        }
    }

    /// <summary>What is wrong with an address as a live object of this cache.</summary>
    public GuardFault Check(nint address) => _pool.Check(this, address);

    /// <summary>Takes an object back: its page is inaccessible from now on.</summary>
    public GuardFault Give(nint address) => _pool.Give(this, address);

    /// <summary>Takes all objects back.</summary>
    /// <returns>How many were live.</returns>
    public int GiveAll(GuardSite? site) => _pool.GiveAll(this, site);

    /// <summary>Lists live objects, as many as there is room for.</summary>
    /// <returns>The number of addresses written.</returns>
    public int ListLive(Span<nint> addresses) => _pool.ListLive(this, addresses);

    /// <summary>The bytes beside live objects that were written, one to an object.</summary>
    public List<(nint Object, nint Damage)> FindDamage() => _pool.FindDamage(this);
}
