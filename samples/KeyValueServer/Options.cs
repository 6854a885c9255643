using System.Globalization;
using System.Net;

namespace KeyValueServer;

internal enum Mode
{
    Serve,
    Compare,
    Help,
}

/// <summary>The command line.</summary>
internal sealed record Options
{
    public const string HelpText = """
        usage: KeyValueServer [options]
               KeyValueServer --compare [options]

        Serves the Redis protocol, with keys and values in slabs.

          --gc                   the same server over ordinary objects
          --port N               0 is any free one, which is printed (6379)
          --bind ADDRESS         127.0.0.1; there is no password, so keep it on a network that you trust
          --maxmemory BYTES      of keys and values, 100mb for example; 0 is no limit (0)
          --maxmemory-policy P   allkeys-lru or noeviction (allkeys-lru)
          --maxclients N         (10,000)
          --longest-command B    bytes that one command may have (64mb)
          --client-buffers B     bytes of incomplete commands and unsent replies, of all clients together (256mb)
          --memory-limit B       SlabGen's own limit (three quarters of the machine or container)
          --reap-interval MS     when memory that was idle so long goes back to the system (10,000)
          --io-threads N         threads that wait for sockets (1)

          --compare              starts this server, the one of --gc and, if it is installed, redis-server; loads each in turn; shows the figures
          --keys N               how many, of 100 bytes (1,000,000)
          --seconds N            length of one measurement (2)
          --rounds N             of which the median counts (3)
          --json                 one JSON object to a server
          --svg FILE             draws what was measured
          --readme FILE          writes what was measured between the two marks in FILE
          --help                 this text

        Exit codes: 0 done, 1 something is wrong with what was measured, 2 a bad option, 3 no memory, no port, or a file that cannot be written.

        """;

    public Mode Mode { get; private init; }

    public bool Gc { get; private init; }

    public int Port { get; private init; } = 6379;

    public IPAddress Address { get; private init; } = IPAddress.Loopback;

    public long MaxMemory { get; private init; }

    public bool Evicts { get; private init; } = true;

    public int MaxClients { get; private init; } = 10_000;

    public int LongestCommand { get; private init; } = 64 << 20;

    public long ClientBuffers { get; private init; } = 256 << 20;

    public long? MemoryLimit { get; private init; }

    public TimeSpan ReapInterval { get; private init; } = TimeSpan.FromSeconds(10);

    public int IoThreads { get; private init; } = 1;

    public int Keys { get; private init; } = 1_000_000;

    public int Seconds { get; private init; } = 2;

    public int Rounds { get; private init; } = 3;

    public bool Json { get; private init; }

    public string? Svg { get; private init; }

    public string? Readme { get; private init; }

    /// <summary>Reads the command line.</summary>
    /// <exception cref="SampleException">Something in it is wrong; the message names it.</exception>
    public static Options Parse(ReadOnlySpan<string> arguments)
    {
        var options = new Options();
        for (int i = 0; i < arguments.Length; i++)
        {
            string name = arguments[i];
            options = name switch
            {
                "--gc" => options with { Gc = true },
                "--json" => options with { Json = true },
                "--compare" => options with { Mode = Mode.Compare },
                "--help" or "-h" => options with { Mode = Mode.Help },
                "--port" => options with { Port = (int)Number(name, Value(arguments, ref i), 0, 65535) },
                "--bind" => options with { Address = AddressOf(Value(arguments, ref i)) },
                "--maxmemory" => options with { MaxMemory = Bytes(name, Value(arguments, ref i), 0) },
                "--maxmemory-policy" => options with { Evicts = Policy(Value(arguments, ref i)) },
                "--maxclients" => options with { MaxClients = (int)Number(name, Value(arguments, ref i), 1, 1_000_000) },
                "--longest-command" => options with { LongestCommand = (int)Math.Min(Bytes(name, Value(arguments, ref i), 1024), 1 << 30) },
                "--client-buffers" => options with { ClientBuffers = Bytes(name, Value(arguments, ref i), 1 << 20) },
                "--memory-limit" => options with { MemoryLimit = Bytes(name, Value(arguments, ref i), 4 << 20) },
                "--reap-interval" => options with { ReapInterval = TimeSpan.FromMilliseconds(Number(name, Value(arguments, ref i), 100, 3_600_000)) },
                "--io-threads" => options with { IoThreads = (int)Number(name, Value(arguments, ref i), 1, 64) },
                "--keys" => options with { Keys = (int)Number(name, Value(arguments, ref i), 1000, 100_000_000) },
                "--seconds" => options with { Seconds = (int)Number(name, Value(arguments, ref i), 1, 3600) },
                "--rounds" => options with { Rounds = (int)Number(name, Value(arguments, ref i), 1, 99) },
                "--svg" => options with { Svg = Value(arguments, ref i) },
                "--readme" => options with { Readme = Value(arguments, ref i) },
                _ => throw Bad($"unknown option '{name}'; --help lists the options"),
            };
        }

        options.Verify();
        return options;
    }

    /// <summary>Bytes, or with kb, mb or gb for the powers of 1024, as in Redis.</summary>
    public static bool TryParseBytes(string text, out long bytes)
    {
        int shift = text.ToUpperInvariant() switch
        {
            [.., 'K', 'B'] => 10,
            [.., 'M', 'B'] => 20,
            [.., 'G', 'B'] => 30,
            _ => 0,
        };
        string digits = shift == 0 ? text : text[..^2];
        bool isNumber = long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out bytes) && bytes <= long.MaxValue >> shift;
        bytes = isNumber ? bytes << shift : 0;
        return isNumber;
    }

    private static string Value(ReadOnlySpan<string> arguments, ref int i)
    {
        string name = arguments[i];
        return ++i < arguments.Length && arguments[i] is { Length: > 0 } value ? value : throw Bad($"{name} needs a value");
    }

    private static long Number(string name, string text, long least, long most)
    {
        string digits = text.Replace(",", "", StringComparison.Ordinal);
        return long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out long number) && number >= least && number <= most
            ? number
            : throw Bad($"{name} '{text}' is not a number from {least:N0} to {most:N0}");
    }

    private static long Bytes(string name, string text, long least) =>
        TryParseBytes(text, out long bytes) && bytes >= least
            ? bytes
            : throw Bad($"{name} '{text}' is not a number of at least {least:N0} bytes, with kb, mb or gb behind it or nothing");

    private static IPAddress AddressOf(string text) =>
        IPAddress.TryParse(text, out IPAddress? address) ? address : throw Bad($"--bind '{text}' is not an IP address");

    private static bool Policy(string text) => text switch
    {
        Store.Lru => true,
        Store.NoEviction => false,
        _ => throw Bad($"--maxmemory-policy '{text}' is neither {Store.Lru} nor {Store.NoEviction}"),
    };

    private static SampleException Bad(string message) => new(message, 2);

    private void Verify()
    {
        if (Mode == Mode.Compare && Gc)
        {
            throw Bad("--gc serves over objects; --compare runs both");
        }

        if (Mode == Mode.Serve && (Json || (Svg ?? Readme) is not null))
        {
            throw Bad($"{(Json ? "--json" : Svg is null ? "--readme" : "--svg")} needs --compare: it shows what was measured");
        }
    }
}
