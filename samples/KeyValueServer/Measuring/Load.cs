using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using HdrHistogram;

namespace KeyValueServer.Measuring;

internal enum Operation
{
    Set,
    Get,
    Del,
}

/// <summary>
/// Loads a server over 50 connections from one thread: each connection has a batch of commands under way, and gets the next one when
/// it was answered. A batch's latency is from its sending until its last reply was read. Nothing is allocated meanwhile.
/// </summary>
internal sealed class Load : IDisposable
{
    public const int Connections = 50;
    public const int ValueLength = 100;
    private const int KeyDigits = 12; // "key:000000000001", as redis-benchmark has them
    private const int MostPipelined = 64;

    private readonly int _keys;
    private readonly Client[] _clients;
    private readonly Random _random = new(1);

    public Load(int port, int keys)
    {
        _keys = keys;
        _clients = [.. Enumerable.Range(0, Connections).Select(_ => new Client(port))];
    }

    /// <summary>Does it once to every key.</summary>
    public void All(Operation operation)
    {
        int next = 0;
        Run(operation, MostPipelined / 2, () => next < _keys ? next++ : -1, new LongHistogram(Stopwatch.Frequency * 600, 3));
    }

    /// <summary>Does it to keys at random, for some time.</summary>
    public LoadResult Random(Operation operation, int pipelined, TimeSpan time)
    {
        var latency = new LongHistogram(Stopwatch.Frequency * 600, 3);
        long start = Stopwatch.GetTimestamp();
        long end = start + (long)(time.TotalSeconds * Stopwatch.Frequency);
        long done = Run(operation, pipelined, () => Stopwatch.GetTimestamp() < end ? _random.Next(_keys) : -1, latency);
        return new LoadResult(
            done / Stopwatch.GetElapsedTime(start).TotalSeconds,
            Nanoseconds(latency.GetValueAtPercentile(50)), Nanoseconds(latency.GetValueAtPercentile(99)), Nanoseconds(latency.GetMaxValue()));
    }

    public void Dispose() => Array.ForEach(_clients, static client => client.Dispose());

    /// <param name="operation">What to do.</param>
    /// <param name="pipelined">Commands in a batch.</param>
    /// <param name="next">The key of the next command; -1 when there is none.</param>
    /// <param name="latency">Receives that of each batch.</param>
    private long Run(Operation operation, int pipelined, Func<int> next, LongHistogram latency)
    {
        long done = 0;
        Array.ForEach(_clients, client => client.Prepare(operation, pipelined));
        int open = 0;
        foreach (Client client in _clients)
        {
            open += client.TrySend(next) ? 1 : 0;
        }

        while (open > 0)
        {
            foreach (Client client in _clients)
            {
                if (client.IsWaiting)
                {
                    latency.RecordValue(client.Receive());
                    done += client.Commands;
                    open -= client.TrySend(next) ? 0 : 1;
                }
            }
        }

        return done;
    }

    private static long Nanoseconds(long ticks) => (long)(ticks * (1e9 / Stopwatch.Frequency));

    private sealed class Client : IDisposable
    {
        private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        private readonly byte[] _replies = new byte[MostPipelined * (ValueLength + 16)];
        private byte[] _batch = [];
        private byte[] _reply = [];
        private int _commandLength;
        private int _keyOffset;
        private int _pipelined;
        private int _inBatch; // commands: the last batch may not be full
        private long _sent;

        public Client(int port)
        {
            _socket.ReceiveTimeout = _socket.SendTimeout = 60_000;
            _socket.Connect(IPAddress.Loopback, port);
        }

        public bool IsWaiting { get; private set; }

        /// <summary>Of the batch.</summary>
        public int Commands => _inBatch;

        public void Prepare(Operation operation, int pipelined)
        {
            string key = $"key:{new string('0', KeyDigits)}";
            string value = new('x', ValueLength);
            (string command, string reply) = operation switch
            {
                Operation.Set => ($"*3\r\n$3\r\nSET\r\n$16\r\n{key}\r\n${ValueLength}\r\n{value}\r\n", "+OK\r\n"),
                Operation.Get => ($"*2\r\n$3\r\nGET\r\n$16\r\n{key}\r\n", $"${ValueLength}\r\n{value}\r\n"),
                _ => ($"*2\r\n$3\r\nDEL\r\n$16\r\n{key}\r\n", ":1\r\n"),
            };
            _commandLength = command.Length;
            _keyOffset = command.IndexOf("key:", StringComparison.Ordinal) + 4;
            _pipelined = pipelined;
            _reply = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(reply, pipelined)));
            _batch = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(command, pipelined)));
        }

        public bool TrySend(Func<int> next)
        {
            IsWaiting = false;
            int length = 0;
            int key = next();
            for (; length < _pipelined && key >= 0; length++)
            {
                key.TryFormat(_batch.AsSpan((length * _commandLength) + _keyOffset, KeyDigits), out _, "D12", CultureInfo.InvariantCulture);
                key = length + 1 < _pipelined ? next() : key;
            }

            if (length == 0)
            {
                return false;
            }

            _inBatch = length;
            _sent = Stopwatch.GetTimestamp();
            _socket.Send(_batch.AsSpan(0, length * _commandLength));
            return IsWaiting = true;
        }

        /// <returns>Ticks since it was sent.</returns>
        public long Receive()
        {
            int expected = _reply.Length / _pipelined * _inBatch;
            for (int received = 0; received < expected;)
            {
                int more = _socket.Receive(_replies.AsSpan(received));
                received += more > 0 ? more : throw new SampleException("a server closed a connection under load", 1);
            }

            return _replies.AsSpan(0, expected).SequenceEqual(_reply.AsSpan(0, expected))
                ? Stopwatch.GetTimestamp() - _sent
                : throw new SampleException($"a server answered '{Encoding.ASCII.GetString(_replies, 0, 40)}'", 1);
        }

        public void Dispose() => _socket.Dispose();
    }
}

/// <summary>What one measurement found. Times are in nanoseconds, of batches.</summary>
internal readonly record struct LoadResult(double PerSecond, long P50, long P99, long Longest);
