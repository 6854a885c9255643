using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using KeyValueServer.Commands;
using KeyValueServer.Protocol;

namespace KeyValueServer.Network;

/// <summary>
/// One client: reads, runs what is complete, answers. All commands of one read are run under one holding of the lock, and their replies
/// go out together. Runs as one task; nothing here is shared but through <see cref="ServerState"/>.
/// </summary>
/// <remarks>
/// A read is consumed whole. What is left of it, the begin of a command, is kept in <c>_partial</c>, in one piece. When replies of
/// <see cref="FlushAt"/> bytes wait, they are sent before more commands run: a client that does not read is not served on.
/// </remarks>
internal sealed class Connection : IDisposable
{
    private const int FlushAt = 64 * 1024;
    private const int ReadBuffer = 16 * 1024;
    private const int WriteBuffer = 16 * 1024;
    private const int ReadsInTurn = 16; // that found bytes at once, before others come

    private readonly ServerState _server;
    private readonly Socket _socket;
    private readonly PipeReader _reader;
    private readonly PipeWriter _writer;
    private readonly CommandBatch _commands;
    private readonly Session _session;
    private readonly Partial _partial;

    public Connection(ServerState server, Socket socket, long id, MemoryPool<byte> pool)
    {
        _server = server;
        _socket = socket;
        var stream = new NetworkStream(socket);
        _reader = PipeReader.Create(stream, new StreamPipeReaderOptions(pool, ReadBuffer, minimumReadSize: ReadBuffer / 4));
        _writer = PipeWriter.Create(stream, new StreamPipeWriterOptions(pool, WriteBuffer));
        _commands = new CommandBatch(server.Options.LongestCommand);
        _session = new Session(id, new Reply(_writer, server.Budget));
        _partial = new Partial(pool, server.Budget);
    }

    private Reply Reply => _session.Reply;

    /// <summary>Ends when the client has gone, or must go, or the socket was closed.</summary>
    public async Task RunAsync()
    {
        try
        {
            await ServeAsync().ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or SocketException or ObjectDisposedException)
        {
            // The client has gone, or the server ends.
        }
        catch (OutOfMemoryException exception)
        {
            await Console.Error.WriteLineAsync($"client {_session.Id} is closed: {exception.Message}").ConfigureAwait(false);
        }
        finally
        {
            await _reader.CompleteAsync().ConfigureAwait(false);
            await _writer.CompleteAsync(new IOException("closed")).ConfigureAwait(false); // what is unsent stays unsent
            Dispose();
        }
    }

    /// <summary>Closes the socket, and gives back what the client held.</summary>
    public void Dispose()
    {
        _partial.Dispose();
        Reply.Sent();
        _socket.Dispose();
    }

    private async Task ServeAsync()
    {
        for (int inTurn = 0; !_session.IsClosing; inTurn++)
        {
            ValueTask<ReadResult> reading = _reader.ReadAsync();
            if (!reading.IsCompleted)
            {
                inTurn = 0;
            }
            else if (inTurn >= ReadsInTurn)
            {
                await Task.Yield();
                inTurn = 0;
            }

            ReadResult read = await reading.ConfigureAwait(false);
            foreach (ReadOnlyMemory<byte> piece in read.Buffer)
            {
                ReadOnlyMemory<byte> bytes = _partial.IsEmpty ? piece : Append(piece);
                int done = 0;
                while (!_session.IsClosing && Run(bytes.Span[done..], ref done))
                {
                    await FlushAsync().ConfigureAwait(false);
                }

                if (!_partial.TryKeep(bytes[done..]))
                {
                    Refuse($"ERR client buffers of all connections are at their limit of {_server.Budget.Limit:N0} bytes");
                }
            }

            _reader.AdvanceTo(read.Buffer.End);
            await FlushAsync().ConfigureAwait(false);
            if (read.IsCompleted)
            {
                return;
            }
        }

        _socket.Shutdown(SocketShutdown.Send);
    }

    private ReadOnlyMemory<byte> Append(ReadOnlyMemory<byte> piece)
    {
        if (_partial.TryAppend(piece.Span))
        {
            return _partial.Bytes;
        }

        Refuse($"ERR client buffers of all connections are at their limit of {_server.Budget.Limit:N0} bytes");
        return default;
    }

    /// <summary>Runs the commands that are complete.</summary>
    /// <param name="bytes">They, and perhaps the begin of one more.</param>
    /// <param name="done">Grows by the bytes of what was run.</param>
    /// <returns>Whether there may be more: it stopped because replies must be sent first.</returns>
    private bool Run(ReadOnlySpan<byte> bytes, ref int done)
    {
        Store store = _server.Store;
        lock (store.Lock)
        {
            store.Keyspace.Now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
            while (_commands.Parse(bytes))
            {
                if (_commands.Count > 1)
                {
                    store.Keyspace.Expect(_commands.Hashes);
                }

                for (int i = 0; i < _commands.Count; i++)
                {
                    CommandParser command = _commands[i];
                    if (command.Count > 0)
                    {
                        CommandTable.Run(command, bytes, _session, _server);
                    }

                    bytes = bytes[command.Length..];
                    done += command.Length;
                    command.Reset();
                    if (Reply.IsOverBudget || _session.IsClosing)
                    {
                        _session.IsClosing = true;
                        return false;
                    }

                    if (Reply.Unsent >= FlushAt)
                    {
                        _commands.Forget(i + 1);
                        return true;
                    }
                }

                _commands.Forget(_commands.Count);
            }
        }

        if (_commands.Error is { } error)
        {
            Refuse($"ERR Protocol error: {error}");
        }

        return false;
    }

    private void Refuse(string error)
    {
        if (!_session.IsClosing)
        {
            Reply.Error(error);
            _session.IsClosing = true;
        }
    }

    private async ValueTask FlushAsync()
    {
        if (Reply.IsOverBudget)
        {
            // Half a reply would be taken for a whole one.
            throw new IOException("a reply is larger than what is left of the budget of client buffers");
        }

        if (Reply.Unsent > 0)
        {
            await _writer.FlushAsync().ConfigureAwait(false);
            Reply.Sent();
        }
    }
}
