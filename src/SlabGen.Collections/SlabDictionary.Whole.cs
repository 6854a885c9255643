using System.Collections;
using SlabGen.Collections.Hashing;

namespace SlabGen.Collections;

// The dictionary as a whole.
public sealed unsafe partial class SlabDictionary<TKey, TValue>
{
    /// <inheritdoc cref="IEnumerable{T}.GetEnumerator"/>
    public Enumerator GetEnumerator() => new(this);

    IEnumerator<KeyValuePair<TKey, TValue>> IEnumerable<KeyValuePair<TKey, TValue>>.GetEnumerator() => GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private protected override bool TryEnsure(int entries) => _table.TryEnsure(this, entries, Hasher);

    private protected override bool TryTrim() => _table.TryTrim(this, Count, Hasher);

    private protected override void FreeAll() => _table.Free(this);

    private protected override void Forget() => _table = GroupTable<Entry<TKey, TValue>>.New();
}
