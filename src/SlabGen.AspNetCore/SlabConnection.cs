using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;

namespace SlabGen.AspNetCore;

/// <summary>
/// One socket between two pipes over a pool: what comes goes into the input pipe, what the server writes into the
/// output pipe goes out.
/// </summary>
/// <remarks>
/// <para>Two loops run, one to receive and one to send; each ends its pipe, and neither throws. The end of the send
/// loop closes the socket (<see cref="Close"/>), which ends the receive loop. The end of the receive loop does not end
/// the sending: the server is told (<see cref="DefaultConnectionContext.ConnectionClosed"/>), and decides.</para>
/// <para><see cref="_closed"/> and <see cref="_reason"/> are under <see cref="_closing"/>, written once: errors of the
/// socket after that are of the close, and the reason is what the server is told. The server's disposal waits for both
/// loops: then no operation is under way, and all buffers are back.</para>
/// </remarks>
internal sealed partial class SlabConnection : DefaultConnectionContext, IMemoryPoolFeature, IConnectionSocketFeature
{
    private const int LeastReceive = SlabMemoryPool.DefaultBufferSize / 2;

    /// <summary>
    /// The bytes of a piece of a reply: each is a call to the system, and the framework's list of pieces is of arrays
    /// only. A thread has blocks of this size at hand.
    /// </summary>
    private const int SendSegment = 32 << 10;

    private static long s_ids;

    private readonly SocketTransportOptions _options;
    private readonly ILogger _logger;
    private readonly Pipe _input, _output;
    private readonly CancellationTokenSource _ended = new();
    private readonly TaskCompletionSource _told = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _closing = new();
    private bool _closed; // _closing
    private Exception? _reason; // _closing
    private Task _running = Task.CompletedTask;

    public SlabConnection(Socket socket, MemoryPool<byte> pool, SocketTransportOptions options, ILogger logger)
        : base($"S{Interlocked.Increment(ref s_ids):X8}")
    {
        Socket = socket;
        MemoryPool = pool;
        _options = options;
        _logger = logger;
        _input = NewPipe(options.MaxReadBufferSize, -1);
        _output = NewPipe(options.MaxWriteBufferSize, SendSegment);
        Transport = new Ends(_input.Reader, _output.Writer);
        Application = new Ends(_output.Reader, _input.Writer);
        LocalEndPoint = socket.LocalEndPoint;
        RemoteEndPoint = socket.RemoteEndPoint;
        ConnectionClosed = _ended.Token;
        Features.Set<IMemoryPoolFeature>(this);
        Features.Set<IConnectionSocketFeature>(this);
    }

    public MemoryPool<byte> MemoryPool { get; }

    public Socket Socket { get; }

    public void Start() => _running = Task.WhenAll(ReceiveAsync(), SendAsync());

    public override void Abort(ConnectionAbortedException abortReason)
    {
        Close(abortReason);
        _output.Reader.CancelPendingRead();
    }

    public override async ValueTask DisposeAsync()
    {
        await _input.Reader.CompleteAsync().ConfigureAwait(false);
        await _output.Writer.CompleteAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
        _ended.Dispose();
        await base.DisposeAsync().ConfigureAwait(false);
    }

    private Pipe NewPipe(long? limit, int segment)
    {
        PipeScheduler application =
            _options.UnsafePreferInlineScheduling ? PipeScheduler.Inline : PipeScheduler.ThreadPool;
        long pauseAt = limit ?? 0; // 0 is no limit
        return new Pipe(new PipeOptions(MemoryPool, application, PipeScheduler.ThreadPool, pauseAt, pauseAt / 2,
            segment, useSynchronizationContext: false));
    }

    private async Task ReceiveAsync()
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        Exception? error = null;
        try
        {
            while (true)
            {
                if (_options.WaitForDataBeforeAllocatingBuffer)
                {
                    await Socket.ReceiveAsync(Memory<byte>.Empty, SocketFlags.None).ConfigureAwait(false);
                }

                Memory<byte> memory = _input.Writer.GetMemory(LeastReceive);
                int bytes = await Socket.ReceiveAsync(memory, SocketFlags.None).ConfigureAwait(false);
                if (bytes == 0)
                {
                    break;
                }

                _input.Writer.Advance(bytes);
                FlushResult flushed = await _input.Writer.FlushAsync().ConfigureAwait(false);
                if (flushed.IsCompleted || flushed.IsCanceled)
                {
                    break;
                }
            }
        }
        catch (Exception caught)
        {
            error = ToTell(caught);
        }

        await _input.Writer.CompleteAsync(ReasonOr(error)).ConfigureAwait(false);
        ThreadPool.UnsafeQueueUserWorkItem(static connection => connection.TellEnd(), this, preferLocal: false);
        await _told.Task.ConfigureAwait(false);
    }

    private async Task SendAsync()
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        Exception? error = null;
        try
        {
            while (true)
            {
                ReadResult result = await _output.Reader.ReadAsync().ConfigureAwait(false);
                if (result.IsCanceled)
                {
                    break;
                }

                foreach (ReadOnlyMemory<byte> piece in result.Buffer)
                {
                    for (int sent = 0; sent < piece.Length;)
                    {
                        sent += await Socket.SendAsync(piece[sent..], SocketFlags.None).ConfigureAwait(false);
                    }
                }

                _output.Reader.AdvanceTo(result.Buffer.End);
                if (result.IsCompleted)
                {
                    break;
                }
            }
        }
        catch (Exception caught)
        {
            error = ToTell(caught);
        }

        Close(error ?? new ConnectionAbortedException("All that the server wrote was sent."));
        await _output.Reader.CompleteAsync(error).ConfigureAwait(false);
        _input.Writer.CancelPendingFlush();
    }

    /// <summary>Closes the socket, once; it ends whatever waits for it.</summary>
    private void Close(Exception reason)
    {
        lock (_closing)
        {
            if (_closed)
            {
                return;
            }

            (_closed, _reason) = (true, reason);
        }

        try
        {
            Socket.Shutdown(SocketShutdown.Both);
        }
        catch (SocketException)
        {
            // The other side was faster.
        }

        Socket.Dispose();
    }

    private Exception? ReasonOr(Exception? error)
    {
        lock (_closing)
        {
            return _reason ?? error;
        }
    }

    /// <summary>What the server is told of an exception in a loop; nothing of one that the close has caused.</summary>
    private Exception? ToTell(Exception caught)
    {
        bool closed;
        lock (_closing)
        {
            closed = _closed;
        }

        if (caught is SocketException or ObjectDisposedException && closed)
        {
            return null;
        }

        if (caught is SocketException { SocketErrorCode: SocketError.ConnectionReset or SocketError.Shutdown } reset)
        {
            return new ConnectionResetException(reset.Message, reset);
        }

        if (caught is not SocketException)
        {
            LogUnexpected(_logger, ConnectionId, caught);
        }

        return caught is OutOfMemoryException
            ? new ConnectionAbortedException("There is no memory for a buffer.", caught) : caught;
    }

    private void TellEnd()
    {
        try
        {
            _ended.Cancel();
        }
        catch (Exception error)
        {
            LogUnexpected(_logger, ConnectionId, error); // of a callback of the server's
        }
        finally
        {
            _told.SetResult();
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Connection {Connection} failed.")]
    private static partial void LogUnexpected(ILogger logger, string connection, Exception error);

    private sealed class Ends(PipeReader input, PipeWriter output) : IDuplexPipe
    {
        public PipeReader Input => input;

        public PipeWriter Output => output;
    }
}
