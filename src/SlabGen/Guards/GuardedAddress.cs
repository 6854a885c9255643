namespace SlabGen.Guards;

/// <summary>What is known of an address in <see cref="GuardRange"/>, at one moment.</summary>
/// <param name="Start">The object; the address itself where none ever lay.</param>
/// <param name="IsLive">Whether the object is live.</param>
/// <param name="Size">The bytes of the object; 0 where none ever lay.</param>
/// <param name="Owner">The guards of its cache; null where none ever lay.</param>
/// <param name="Text">Who allocated and freed it, in lines.</param>
internal sealed record GuardedAddress(nint Start, bool IsLive, int Size, CacheGuards? Owner, string Text)
{
    /// <summary>The id that the cache has, or had.</summary>
    public uint CacheId => Owner?.CacheId ?? 0;
}
