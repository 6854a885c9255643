using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace KeyValueServer.Commands;

/// <summary>INFO, by sections, with the names that tools know.</summary>
internal static class ServerInfo
{
    public static void Write(StringBuilder text, string section, ServerState server)
    {
        bool all = section.ToUpperInvariant() is "DEFAULT" or "ALL" or "EVERYTHING";
        IKeyspace keys = server.Store.Keyspace;
        bool Begins(string name)
        {
            bool begins = all || section.Equals(name, StringComparison.OrdinalIgnoreCase);
            if (begins)
            {
                text.Append(text.Length == 0 ? "" : "\r\n").Append(CultureInfo.InvariantCulture, $"# {name}\r\n");
            }

            return begins;
        }

        void Line(string name, object value) => text.Append(CultureInfo.InvariantCulture, $"{name}:{value}\r\n");

        if (Begins("Server"))
        {
            Line("redis_version", ServerCommands.RedisVersion);
            Line("redis_mode", "standalone");
            Line("server_name", "slabgen-key-value-server");
            Line("keyspace", server.Options.Gc ? "objects" : "slabs");
            Line("process_id", Environment.ProcessId);
            Line("tcp_port", server.Options.Port);
            Line("uptime_in_seconds", (long)Stopwatch.GetElapsedTime(server.Started).TotalSeconds);
        }

        if (Begins("Clients"))
        {
            Line("connected_clients", server.Clients);
            Line("maxclients", server.Options.MaxClients);
        }

        if (Begins("Memory"))
        {
            Line("used_memory", keys.UsedBytes);
            Line("used_memory_rss", Environment.WorkingSet);
            Line("maxmemory", server.Store.MaxMemory);
            Line("maxmemory_policy", server.Store.Evicts ? Store.Lru : Store.NoEviction);
            Line("client_buffers", server.Budget.Used);
            Line("client_buffers_limit", server.Budget.Limit);
            foreach ((string name, long value) in keys.Figures)
            {
                Line(name, value);
            }
        }

        if (Begins("Stats"))
        {
            Line("total_connections_received", server.LastClient);
            Line("total_commands_processed", server.CommandsProcessed);
            Line("expired_keys", keys.Expired);
            Line("evicted_keys", keys.Evicted);
        }

        if (Begins("GC"))
        {
            Line("gc_collections", GC.CollectionCount(0));
            Line("gc_pause_total_us", (long)GC.GetTotalPauseDuration().TotalMicroseconds);
            Line("gc_allocated_bytes", GC.GetTotalAllocatedBytes());
        }

        if (Begins("Replication"))
        {
            Line("role", "master");
            Line("connected_slaves", 0);
        }

        if (Begins("Keyspace") && keys.Count > 0)
        {
            Line("db0", $"keys={keys.Count},expires={keys.Volatile},avg_ttl=0");
        }
    }
}
