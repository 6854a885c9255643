using System.Runtime.CompilerServices;

namespace SlabGen.TraceReplay;

/// <summary>
/// Stamps and checks every object, the threads taking turns so that the records run exactly in the order of the trace.
/// Hence the live bytes at every moment are the trace's own, and the memory measured here can be compared with them.
/// </summary>
internal sealed class OrderedVerification<TAllocator> : ReplayJob
    where TAllocator : struct, IAllocator
{
    /// <summary>Successive records of one thread.</summary>
    private readonly record struct Turn(byte Thread, int Start, int End);

    private readonly Trace _trace;
    private readonly nint[] _addresses;
    private readonly StampChecks _checks;
    private readonly ResidentMemory? _memory;
    private readonly int _recordsPerSample;
    private readonly Turn[] _turns;

    // By thread: released when it is its turn. Passing the turn also publishes the addresses.
    private readonly SemaphoreSlim[] _turn;

    /// <param name="trace">What to replay.</param>
    /// <param name="addresses">By object: where it is; filled in.</param>
    /// <param name="checks">Where wrong stamps are noted.</param>
    /// <param name="memory">What samples the process's memory, or null.</param>
    public OrderedVerification(Trace trace, nint[] addresses, StampChecks checks, ResidentMemory? memory)
    {
        _trace = trace;
        _addresses = addresses;
        _checks = checks;
        _memory = memory;

        // A sample takes about a millisecond: some hundred to a thousand of them, whatever the length of the trace.
        _recordsPerSample = Math.Max(1024, trace.Records.Length / 1000);

        var turns = new List<Turn>();
        int start = 0;

        for (int i = 1; i <= trace.Records.Length; i++)
        {
            if (i == trace.Records.Length || trace.Records[i].Thread != trace.Records[start].Thread)
            {
                turns.Add(new Turn(trace.Records[start].Thread, start, i));
                start = i;
            }
        }

        _turns = [.. turns];
        _turn = new SemaphoreSlim[trace.ThreadCount];

        for (int i = 0; i < _turn.Length; i++)
        {
            _turn[i] = new SemaphoreSlim(i == _turns[0].Thread ? 1 : 0);
        }
    }

    // Compiled once, before the rehearsal ends. As on-stack-replacement code it would be compiled on this very thread, in the
    // middle of the measurement, and the JIT takes its memory from malloc.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run(int thread)
    {
        for (int i = 0; i < _turns.Length; i++)
        {
            if (_turns[i].Thread != thread)
            {
                continue;
            }

            while (!_turn[thread].Wait(millisecondsTimeout: 100))
            {
                if (Stopped)
                {
                    return;
                }
            }

            for (int record = _turns[i].Start; record < _turns[i].End; record++)
            {
                Step(record);
            }

            if (i + 1 < _turns.Length)
            {
                _ = _turn[_turns[i + 1].Thread].Release();
            }
        }
    }

    private void Step(int index)
    {
        try
        {
            Execute(_trace.Records[index]);
        }
        catch (OutOfMemoryException exception)
        {
            throw Failed(ExitCode.OutOfMemory, index, $"out of memory, {_trace.Records[index].Size} bytes asked for: {exception.Message}");
        }
        catch (Exception exception)
        {
            throw Failed(ExitCode.Failure, index, $"the allocator failed: {exception.GetType().Name}: {exception.Message}");
        }

        if (_memory is not null && (index % _recordsPerSample == 0 || index == _trace.PeakRecord))
        {
            _memory.Sample();
        }
    }

    private void Execute(TraceRecord record)
    {
        if (record.Frees)
        {
            nint address = _addresses[record.Object];
            _checks.Check(address, record.Size, record.Object);
            TAllocator.Free(address);
        }
        else
        {
            nint address = TAllocator.Alloc((nuint)record.Size);

            if (address == 0)
            {
                throw new InsufficientMemoryException("the allocator returned null");
            }

            Stamp.Write(address, record.Size, record.Object);
            _addresses[record.Object] = address;
        }
    }

    private ReplayException Failed(int exitCode, int index, string problem) =>
        new(exitCode, $"{_trace.Name}: record {index + 1}: {problem}");
}
