using SlabGen.Collections;

namespace SlabGen.Benchmarks.Collections;

/// <summary>A dictionary of longs, of either kind. Implemented by structs, so that each call is compiled in.</summary>
internal interface ITable : IDisposable
{
    static abstract string Name { get; }

    int Count { get; }

    bool TryAdd(long key, long value);

    bool TryGetValue(long key, out long value);

    bool Remove(long key);
}

internal readonly struct BclTable() : ITable
{
    private readonly Dictionary<long, long> _table = [];

    public static string Name => "Dictionary";

    public int Count => _table.Count;

    public bool TryAdd(long key, long value) => _table.TryAdd(key, value);

    public bool TryGetValue(long key, out long value) => _table.TryGetValue(key, out value);

    public bool Remove(long key) => _table.Remove(key);

    public void Dispose()
    {
    }
}

#pragma warning disable CA1001 // it is disposable, by ITable
internal readonly struct SlabTable() : ITable
#pragma warning restore CA1001
{
    private readonly SlabDictionary<long, long> _table = new();

    public static string Name => "SlabDictionary";

    public int Count => _table.Count;

    public bool TryAdd(long key, long value) => _table.TryAdd(key, value);

    public bool TryGetValue(long key, out long value) => _table.TryGetValue(key, out value);

    public bool Remove(long key) => _table.Remove(key);

    public void Dispose() => _table.Dispose();
}
