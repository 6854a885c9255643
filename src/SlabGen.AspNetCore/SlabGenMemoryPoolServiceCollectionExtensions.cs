using System.Buffers;
using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using SlabGen;
using SlabGen.AspNetCore;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Has ASP.NET rent its memory from slabs.</summary>
public static class SlabGenMemoryPoolServiceCollectionExtensions
{
    /// <summary>
    /// Makes slabs the memory of whatever asks for an <see cref="IMemoryPoolFactory{T}"/>: Kestrel, the pipes of its
    /// connections and of their TLS streams. Call it after <c>UseKestrel</c> and <c>UseSockets</c>, if you call those:
    /// before them, the program does not start. <c>WebApplication.CreateBuilder</c> has called them.
    /// </summary>
    /// <remarks>
    /// <para>It takes the place of the framework's factory of pools, and of its socket transport, which demands memory
    /// of arrays. The options of that, <c>SocketTransportOptions</c>, apply, except its queues
    /// (<c>IOQueueCount</c>).</para>
    /// <para>The memory comes from the <see cref="SlabRuntime"/> of the container, if it has one (<c>AddSlabGen</c> of
    /// the package SlabGen.Extensions.DependencyInjection, or any singleton), else from <see
    /// cref="SlabRuntime.Default"/>. Each owner that the framework names (<c>kestrel</c>) has a <see cref="Kmalloc"/>
    /// of its own, <c>aspnetcore-kestrel</c>:
    /// <see cref="SlabInfo"/> and a snapshot show what it holds.</para>
    /// <para>The pools report to the meter Microsoft.AspNetCore.MemoryPool by the framework's own instruments.</para>
    /// <para>At the end of the container, buffers that were never given back go to
    /// <see cref="SlabRuntime.LeaksFound"/>.</para>
    /// </remarks>
    /// <example><code><![CDATA[
    /// WebApplicationBuilder builder = WebApplication.CreateBuilder(args);
    /// builder.Services.AddSlabGenMemoryPool();
    /// ]]></code></example>
    /// <param name="services">The services.</param>
    /// <returns>The services.</returns>
    public static IServiceCollection AddSlabGenMemoryPool(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.RemoveAll<IMemoryPoolFactory<byte>>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IConnectionListenerFactory, SlabSocketTransport>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IStartupFilter, OrderOfCalls>());
        return services.AddSingleton<IMemoryPoolFactory<byte>>(provider =>
            new SlabMemoryPoolFactory(
                provider.GetService<SlabRuntime>() ?? SlabRuntime.Default,
                provider.GetService<IMeterFactory>(),
                provider.GetService<ILogger<SlabMemoryPoolFactory>>()));
    }
}
