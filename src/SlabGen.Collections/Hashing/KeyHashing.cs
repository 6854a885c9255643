using System.Runtime.CompilerServices;

namespace SlabGen.Collections.Hashing;

/// <summary>A key and its value, as they lie in a slot.</summary>
internal struct Entry<TKey, TValue>
    where TKey : unmanaged
    where TValue : unmanaged
{
    public TKey Key;
    public TValue Value;
}

/// <summary>The comparer of a table's keys: none is the default one, which the JIT compiles in.</summary>
internal readonly struct KeyComparer<TKey>(IEqualityComparer<TKey>? comparer, ulong seed)
    where TKey : unmanaged
{
    public IEqualityComparer<TKey> Comparer => comparer ?? EqualityComparer<TKey>.Default;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong HashOf(TKey key) =>
        Hash.Mix((uint)(comparer is null ? key.GetHashCode() : comparer.GetHashCode(key)), seed);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Equal(TKey left, TKey right) =>
        comparer is null ? EqualityComparer<TKey>.Default.Equals(left, right) : comparer.Equals(left, right);

    public static KeyComparer<TKey> Of(IEqualityComparer<TKey>? comparer) =>
        new(comparer == EqualityComparer<TKey>.Default ? null : comparer, Hash.NewSeed());
}

/// <summary>Looks for a key among entries that begin with theirs.</summary>
internal readonly unsafe struct KeyProbe<TKey, TEntry>(KeyComparer<TKey> comparer, TKey key) : IProbe<TEntry>
    where TKey : unmanaged
    where TEntry : unmanaged
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Matches(TEntry* entry) => comparer.Equal(*(TKey*)entry, key);
}

/// <summary>Hashes entries that begin with their key.</summary>
internal readonly unsafe struct KeyHasher<TKey, TEntry>(KeyComparer<TKey> comparer) : IHasher<TEntry>
    where TKey : unmanaged
    where TEntry : unmanaged
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong HashOf(TEntry* entry) => comparer.HashOf(*(TKey*)entry);
}
