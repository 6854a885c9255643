using System.Buffers;
using System.Diagnostics.Metrics;
using System.Runtime.ExceptionServices;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;

namespace SlabGen.AspNetCore;

/// <summary>Makes the pools that ASP.NET asks for.</summary>
/// <remarks>
/// <para>An owner (<see cref="MemoryPoolOptions.Owner"/>) has one <see cref="OwnedBuffers"/>, which all of its pools
/// share: Kestrel asks for a pool for each queue of each endpoint. <see cref="_owners"/> is under its own lock; nothing
/// is called under it but the making of an owner's.</para>
/// <para>A timer has the owners' counts told every second, if anybody listens. What a listener throws there is
/// logged.</para>
/// </remarks>
internal sealed partial class SlabMemoryPoolFactory : IMemoryPoolFactory<byte>, IDisposable
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(1);

    private readonly Dictionary<string, OwnedBuffers> _owners = []; // locked; by name, "" for none
    private readonly SlabRuntime _runtime;
    private readonly PoolInstruments? _instruments;
    private readonly ILogger? _logger;
    private readonly Timer? _timer;
    private bool _disposed; // _owners

    public SlabMemoryPoolFactory(SlabRuntime runtime, IMeterFactory? meters, ILogger? logger)
    {
        _runtime = runtime;
        _logger = logger;
        if (meters is not null)
        {
            _instruments = new PoolInstruments(meters);
            using (ExecutionContext.SuppressFlow())
            {
                _timer = new Timer(static state => ((SlabMemoryPoolFactory)state!).TellOrLog(), this,
                    s_interval, s_interval);
            }
        }
    }

    public MemoryPool<byte> Create(MemoryPoolOptions? options = null)
    {
        string owner = options?.Owner ?? "";
        lock (_owners)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (!_owners.TryGetValue(owner, out OwnedBuffers? buffers))
            {
                buffers = new OwnedBuffers(_runtime, owner, _instruments);
                _owners.Add(owner, buffers);
            }

            return new SharedPool(buffers);
        }
    }

    /// <summary>Tells the instruments what has changed.</summary>
    internal void Tell()
    {
        if (_instruments is { AreCountsEnabled: true })
        {
            foreach (OwnedBuffers buffers in Owners())
            {
                buffers.Tell();
            }
        }
    }

    private void TellOrLog()
    {
        try
        {
            Tell();
        }
        catch (Exception error)
        {
            if (_logger is not null)
            {
                LogTelling(_logger, error);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A listener of the meter Microsoft.AspNetCore.MemoryPool failed.")]
    private static partial void LogTelling(ILogger logger, Exception error);

    /// <summary>Ends the pools: what is rented then is told as a leak, and can still be given back.</summary>
    public void Dispose()
    {
        lock (_owners)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
        }

        _timer?.Dispose();
        var errors = new List<Exception>();
        foreach (OwnedBuffers buffers in Owners())
        {
            try
            {
                buffers.Dispose();
            }
            catch (Exception error)
            {
                errors.Add(error); // of a handler of LeaksFound: thrown below, after the others
            }
        }

        if (errors.Count == 1)
        {
            ExceptionDispatchInfo.Throw(errors[0]);
        }
        else if (errors.Count > 1)
        {
            throw new AggregateException(errors);
        }
    }

    private OwnedBuffers[] Owners()
    {
        lock (_owners)
        {
            return [.. _owners.Values];
        }
    }
}
