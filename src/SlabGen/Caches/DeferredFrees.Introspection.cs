namespace SlabGen.Caches;

// What can be seen of the objects that wait for a grace period.
internal sealed partial class DeferredFrees
{
    /// <summary>Whether an object waits here.</summary>
    public bool Holds(nint address)
    {
        foreach (Processor processor in Volatile.Read(ref _processors) ?? [])
        {
            using (processor.Lock.Hold())
            {
                if (processor.Batch is { } batch && batch.Addresses.AsSpan(0, batch.Count).Contains(address))
                {
                    return true;
                }
            }
        }

        using (_lock.Hold())
        {
            return _queue.Any(batch => batch.Addresses.AsSpan(0, batch.Count).Contains(address));
        }
    }
}
