using System.Buffers;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;

namespace SlabGen.AspNetCore;

/// <summary>Accepts the connections of one endpoint, which share a pool.</summary>
internal sealed class SlabSocketListener(Socket socket, EndPoint asked, MemoryPool<byte> pool,
    SocketTransportOptions options, ILogger logger) : IConnectionListener
{
    // A socket that came as a file handle keeps that name; else the port may have been chosen only now.
    public EndPoint EndPoint { get; } = asked is FileHandleEndPoint ? asked : socket.LocalEndPoint ?? asked;

    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        while (true)
        {
            try
            {
                Socket accepted = await socket.AcceptAsync(cancellationToken).ConfigureAwait(false);
                if (accepted.LocalEndPoint is IPEndPoint)
                {
                    accepted.NoDelay = options.NoDelay;
                }

                var connection = new SlabConnection(accepted, pool, options, logger);
                connection.Start();
                return connection;
            }
            catch (ObjectDisposedException)
            {
                return null; // unbound
            }
            catch (SocketException error) when (error.SocketErrorCode == SocketError.OperationAborted)
            {
                return null; // unbound
            }
            catch (SocketException)
            {
                // That client has gone already.
            }
        }
    }

    public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        socket.Dispose();
        return default;
    }

    public ValueTask DisposeAsync()
    {
        socket.Dispose();
        pool.Dispose();
        return default;
    }
}
