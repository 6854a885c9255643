namespace KeyValueServer;

/// <summary>
/// The keyspace, its lock, and its limit. Commands run one at a time, as in Redis: what costs time is to read and to write sockets, and
/// that happens on many threads, outside the lock.
/// </summary>
/// <remarks>The lock guards the keyspace and the limit. Under it nothing waits and nothing is sent.</remarks>
internal sealed class Store(IKeyspace keyspace, long maxMemory, bool evicts) : IDisposable
{
    public const string Lru = "allkeys-lru";
    public const string NoEviction = "noeviction";

    private const int MostEvictionsAtOnce = 1000; // so that a limit that was lowered stops nobody for long

    public Lock Lock { get; } = new();

    public IKeyspace Keyspace => keyspace;

    /// <summary>Bytes that <see cref="IKeyspace.UsedBytes"/> may reach; 0 is no limit but the machine's.</summary>
    public long MaxMemory { get; set; } = maxMemory;

    /// <summary>Whether keys go when there is no room; otherwise commands that need room are refused.</summary>
    public bool Evicts { get; set; } = evicts;

    /// <summary>Makes room under the limit, for a command that may need some.</summary>
    /// <returns>Whether the command may run.</returns>
    public bool MakeRoom()
    {
        if (MaxMemory == 0 || keyspace.UsedBytes <= MaxMemory)
        {
            return true;
        }

        int evicted = Evicts ? Evict(MostEvictionsAtOnce, MaxMemory) : 0;
        return keyspace.UsedBytes <= MaxMemory || evicted == MostEvictionsAtOnce;
    }

    /// <summary>Evicts, until no more than so many bytes are used.</summary>
    /// <returns>How many keys went.</returns>
    public int Evict(long most, long bytes = -1)
    {
        int evicted = 0;
        while (evicted < most && keyspace.UsedBytes > bytes && keyspace.EvictOne())
        {
            evicted++;
        }

        return evicted;
    }

    public void Dispose() => keyspace.Dispose();
}
