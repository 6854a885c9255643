using System.Diagnostics;
using KeyValueServer.Protocol;

namespace KeyValueServer;

/// <summary>What all connections share.</summary>
internal sealed class ServerState(Options options, Store store, BufferBudget budget)
{
    private int _clients;
    private long _lastClient;

    public Options Options => options;

    public Store Store => store;

    public BufferBudget Budget => budget;

    public long Started { get; } = Stopwatch.GetTimestamp();

    /// <summary>Under the store's lock.</summary>
    public long CommandsProcessed { get; set; }

    /// <summary>Stops the server: SHUTDOWN.</summary>
    public CancellationTokenSource Stopping { get; } = new();

    public int Clients => Volatile.Read(ref _clients);

    public long LastClient => Volatile.Read(ref _lastClient);

    /// <returns>The number of the client, or 0 if there are too many.</returns>
    public long Enter()
    {
        if (Interlocked.Increment(ref _clients) <= options.MaxClients)
        {
            return Interlocked.Increment(ref _lastClient);
        }

        Interlocked.Decrement(ref _clients);
        return 0;
    }

    public void Leave() => Interlocked.Decrement(ref _clients);
}
