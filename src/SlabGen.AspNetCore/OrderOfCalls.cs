using System.Buffers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace SlabGen.AspNetCore;

/// <summary>
/// Refuses to start where Kestrel was added later: it would then not rent from slabs, or do so by the framework's
/// transport, which fails at the first reply of several buffers.
/// </summary>
internal sealed class OrderOfCalls(IMemoryPoolFactory<byte> pools, IEnumerable<IConnectionListenerFactory> transports)
    : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next)
    {
        // Kestrel asks the last one first. Transports of other kinds are nobody's affair here.
        IConnectionListenerFactory? sockets =
            transports.LastOrDefault(transport => transport is SlabSocketTransport or SocketTransportFactory);
        return pools is SlabMemoryPoolFactory && sockets is SlabSocketTransport
            ? next
            : throw new InvalidOperationException(
                "AddSlabGenMemoryPool() was called before UseKestrel() or UseSockets(), which put the framework's own memory pool or transport in its place. Call it after them.");
    }
}
