using SlabGen;

namespace KeyValueServer.Slabs;

/// <summary>
/// Evicts when memory is short beyond <c>maxmemory</c>: the runtime's limit is met, or the machine or the container runs out. SlabGen calls it on any
/// thread, also on one that is in the middle of a command; it must not wait, and then does nothing.
/// </summary>
internal sealed class EvictionShrinker(Store store) : Shrinker("evict-keys")
{
    protected override long CountObjects(in ShrinkControl control) => store.Evicts ? store.Keyspace.Count : 0;

    protected override long ScanObjects(ref ShrinkControl control)
    {
        // A command that needs memory evicts by itself, when it is told that there is none.
        if (store.Lock.IsHeldByCurrentThread || !store.Lock.TryEnter())
        {
            return Stop;
        }

        try
        {
            return store.Evicts ? store.Evict(control.ToScan) : Stop;
        }
        finally
        {
            store.Lock.Exit();
        }
    }
}
