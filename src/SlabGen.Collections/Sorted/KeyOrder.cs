using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace SlabGen.Collections.Sorted;

/// <summary>The order of a map's keys: none is the default one, which the JIT compiles in.</summary>
/// <remarks>
/// Integers are compared four or more at a time, all of a node's: that has no branch that depends on a key, and waits
/// for nothing. Other keys are searched by halves.
/// </remarks>
internal readonly unsafe struct KeyOrder<TKey>(IComparer<TKey>? comparer)
    where TKey : unmanaged
{
    private readonly IComparer<TKey>? _comparer = comparer == Comparer<TKey>.Default ? null : comparer;

    public IComparer<TKey> Comparer => _comparer ?? Comparer<TKey>.Default;

    /// <summary>
    /// Constant for the JIT. Floating-point numbers are no part of it: their order has a place for NaN.
    /// </summary>
    private static bool IsVector =>
        Vector256.IsHardwareAccelerated && Vector256<TKey>.IsSupported
        && typeof(TKey) != typeof(double) && typeof(TKey) != typeof(float);

    public bool Less(TKey left, TKey right) =>
        (_comparer is null ? Comparer<TKey>.Default.Compare(left, right) : _comparer.Compare(left, right)) < 0;

    /// <summary>Whether the key that is not before another one is equal to it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool EndsAt(TKey key, TKey notBefore) =>
        IsVector && _comparer is null ? EqualityComparer<TKey>.Default.Equals(key, notBefore) : !Less(key, notBefore);

    /// <summary>How many of the keys, which are in order, come before this one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int CountBefore(TKey* keys, int count, int room, TKey key) => Search(keys, count, room, key, orEqual: false);

    /// <summary>How many of the keys, which are in order, come before this one or are equal.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int CountUpTo(TKey* keys, int count, int room, TKey key) => Search(keys, count, room, key, orEqual: true);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int Search(TKey* keys, int count, int room, TKey key, bool orEqual) =>
        _comparer is not null ? ByHalves(_comparer, keys, count, key, orEqual)
        : !IsVector ? ByHalves(keys, count, key, orEqual)
        : room < 64 ? InVectors(keys, count, room, key, orEqual)
        : InVectors(keys, count, key, orEqual);

    /// <summary>
    /// All that there is room for: as many steps each time. What lies behind the keys is of the node too; it is read,
    /// and does not count.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int InVectors(TKey* keys, int count, int room, TKey key, bool orEqual)
    {
        Vector256<TKey> wanted = Vector256.Create(key);
        ulong before = 0;
        for (int at = 0; at < room; at += Vector256<TKey>.Count)
        {
            before |= (ulong)Before(Vector256.Load(keys + at), wanted, orEqual) << at;
        }

        return BitOperations.PopCount(before << 1 << (63 - count));
    }

    /// <summary>The same of nodes with more room: only as many steps as there are keys.</summary>
    private static int InVectors(TKey* keys, int count, TKey key, bool orEqual)
    {
        Vector256<TKey> wanted = Vector256.Create(key);
        int before = 0;
        for (int at = 0; at < count; at += Vector256<TKey>.Count)
        {
            ulong those = ulong.MaxValue >> (64 - Math.Min(count - at, 32));
            before += BitOperations.PopCount(Before(Vector256.Load(keys + at), wanted, orEqual) & those);
        }

        return before;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Before(Vector256<TKey> keys, Vector256<TKey> wanted, bool orEqual) =>
        (orEqual ? Vector256.LessThanOrEqual(keys, wanted) : Vector256.LessThan(keys, wanted))
        .ExtractMostSignificantBits();

    private static int ByHalves(TKey* keys, int count, TKey key, bool orEqual)
    {
        int low = 0;
        while (low < count)
        {
            int middle = (low + count) >> 1, order = Comparer<TKey>.Default.Compare(keys[middle], key);
            (low, count) = order < 0 || (orEqual && order == 0) ? (middle + 1, count) : (low, middle);
        }

        return low;
    }

    private static int ByHalves(IComparer<TKey> comparer, TKey* keys, int count, TKey key, bool orEqual)
    {
        int low = 0;
        while (low < count)
        {
            int middle = (low + count) >> 1, order = comparer.Compare(keys[middle], key);
            (low, count) = order < 0 || (orEqual && order == 0) ? (middle + 1, count) : (low, middle);
        }

        return low;
    }
}
