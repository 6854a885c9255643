using System.Buffers;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace SlabGen.AspNetCore;

/// <summary>Kestrel's sockets, for memory that is not of arrays.</summary>
/// <remarks>
/// The framework's own transport sends a reply of several buffers by a list of array segments, and throws where a
/// buffer is no array. So this one takes its place, for every kind of endpoint that it binds, with its options (<see
/// cref="SocketTransportOptions"/>); only its queues it has not: all runs on the thread pool. Kestrel asks the
/// transport that was registered last first.
/// </remarks>
internal sealed class SlabSocketTransport(IMemoryPoolFactory<byte> pools, IOptions<SocketTransportOptions> options,
    ILogger<SlabSocketTransport> logger) : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    public bool CanBind(EndPoint endpoint) =>
        endpoint is IPEndPoint or UnixDomainSocketEndPoint or FileHandleEndPoint;

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        Socket socket;
        try
        {
            socket = options.Value.CreateBoundListenSocket(endpoint);
        }
        catch (SocketException error) when (error.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            throw new AddressInUseException(error.Message, error);
        }

        try
        {
            socket.Listen(options.Value.Backlog);
            MemoryPool<byte> pool = pools.Create(new MemoryPoolOptions { Owner = "kestrel" });
            return new(new SlabSocketListener(socket, endpoint, pool, options.Value, logger));
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
