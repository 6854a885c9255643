using System.Buffers;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using KeyValueServer.Commands;

namespace KeyValueServer.Network;

/// <summary>Accepts clients, and looks after the store.</summary>
internal sealed class Server(ServerState state, MemoryPool<byte> pool)
{
    private const int Backlog = 1024;
    private const int SweptAtOnce = 1000;
    private static readonly TimeSpan s_sweepInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_longestSweep = TimeSpan.FromMilliseconds(1);

    private readonly ConcurrentDictionary<Socket, Task> _connections = new();

    /// <summary>Serves until the token of the state says stop. Then all connections are closed.</summary>
    /// <param name="listening">Called with the port.</param>
    /// <exception cref="SampleException">The port cannot be had.</exception>
    public async Task RunAsync(Action<int> listening)
    {
        using Socket listener = Listen(state.Options.Address, state.Options.Port);
        listening(((IPEndPoint)listener.LocalEndPoint!).Port);
        Task sweeping = SweepAsync(state.Stopping.Token);
        try
        {
            while (true)
            {
                Socket socket = await listener.AcceptAsync(state.Stopping.Token).ConfigureAwait(false);
                Add(socket);
            }
        }
        catch (OperationCanceledException)
        {
            // SHUTDOWN, or a signal.
        }

        await sweeping.ConfigureAwait(false);
        foreach ((Socket socket, _) in _connections)
        {
            socket.Dispose();
        }

        await Task.WhenAll(_connections.Values).ConfigureAwait(false);
    }

    private static Socket Listen(IPAddress address, int port)
    {
        var listener = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            listener.Bind(new IPEndPoint(address, port));
            listener.Listen(Backlog);
            return listener;
        }
        catch (SocketException exception)
        {
            listener.Dispose();
            throw new SampleException($"cannot listen on {address} port {port}: {exception.Message}", 3);
        }
    }

    private void Add(Socket socket)
    {
        long id = state.Enter();
        if (id == 0)
        {
            // A few bytes: they go into the socket's buffer at once, or not at all.
            socket.Blocking = false;
            socket.Send("-ERR max number of clients reached\r\n"u8, SocketFlags.None, out _);
            socket.Dispose();
            return;
        }

        socket.NoDelay = true;
        var started = new TaskCompletionSource();
        _connections[socket] = ServeAsync(socket, id, started.Task);
        started.SetResult(); // now, so that it is in the table before it can end
    }

    private async Task ServeAsync(Socket socket, long id, Task started)
    {
        await started.ConfigureAwait(false);
        try
        {
            using var connection = new Connection(state, socket, id, pool);
            await connection.RunAsync().ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            // A fault of this program: it must not be overlooked, and must not end the others' connections.
            await Console.Error.WriteLineAsync($"client {id} is closed: {exception}").ConfigureAwait(false);
        }
        finally
        {
            state.Leave();
            _connections.TryRemove(socket, out _);
        }
    }

    /// <summary>Removes what has expired and nobody asks for.</summary>
    private async Task SweepAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(s_sweepInterval);
        try
        {
            while (await timer.WaitForNextTickAsync(stop).ConfigureAwait(false))
            {
                long start = System.Diagnostics.Stopwatch.GetTimestamp();
                IKeyspace keys = state.Store.Keyspace;
                do
                {
                    lock (state.Store.Lock)
                    {
                        keys.Now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
                        keys.Sweep(SweptAtOnce);
                    }
                }
                while (keys.Volatile > 0 && System.Diagnostics.Stopwatch.GetElapsedTime(start) < s_longestSweep);
            }
        }
        catch (OperationCanceledException)
        {
            // The server ends.
        }
    }
}
