using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;
using KeyValueServer.Network;
using KeyValueServer.Objects;
using KeyValueServer.Protocol;
using KeyValueServer.Slabs;
using SlabGen;

namespace KeyValueServer;

/// <summary>Puts a server together, and runs it until it is told to stop.</summary>
internal static class Serving
{
    public static async Task<int> RunAsync(Options options)
    {
        // Before the first socket: the thread that waits for sockets runs what waits for them, as Redis' one thread does. A command takes
        // less time than to wake another thread.
        Environment.SetEnvironmentVariable("DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS", "1");
        Environment.SetEnvironmentVariable("DOTNET_SYSTEM_NET_SOCKETS_THREAD_COUNT", options.IoThreads.ToString(CultureInfo.InvariantCulture));

        SlabRuntimeOptions runtime = SlabRuntimeOptions.FromRuntimeConfig() with { ReapInterval = options.ReapInterval };
        SlabRuntime.ConfigureDefault(options.MemoryLimit is { } limit ? runtime with { MemoryLimit = limit } : runtime);

        using var store = new Store(options.Gc ? new ObjectKeyspace() : new SlabKeyspace(), options.MaxMemory, options.Evicts);
        var shrinker = new EvictionShrinker(store);
        if (!options.Gc)
        {
            SlabRuntime.Default.Shrinkers.Register(shrinker);
        }

        var state = new ServerState(options, store, new BufferBudget(options.ClientBuffers));
        using PosixSignalRegistration interrupt = StopOn(PosixSignal.SIGINT, state);
        using PosixSignalRegistration terminate = StopOn(PosixSignal.SIGTERM, state);

        // Of their own: when the keys have taken all memory, a client must still be answered.
        using SlabRuntime? buffers = options.Gc ? null : new SlabRuntime();
        using MemoryPool<byte> pool = buffers is null ? MemoryPool<byte>.Shared : new SlabMemoryPool(buffers.Kmalloc, "connections");
        await new Server(state, pool).RunAsync(port =>
            Console.Out.WriteLine($"Serving {(options.Gc ? "objects" : "slabs")} on {options.Address} port {port}. Stop with Ctrl+C.")).ConfigureAwait(false);

        if (options.Gc)
        {
            return 0;
        }

        SlabRuntime.Default.Shrinkers.Unregister(shrinker);
        store.Dispose();
        long left = SlabKeyspace.CountLive();
        return left == 0 ? 0 : throw new SampleException($"{left:N0} objects were left in slabs", 1);
    }

    private static PosixSignalRegistration StopOn(PosixSignal signal, ServerState state) => PosixSignalRegistration.Create(signal, context =>
    {
        context.Cancel = true;
        state.Stopping.Cancel();
    });
}
