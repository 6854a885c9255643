using System.Diagnostics;

namespace SlabGen.TraceReplay;

/// <summary>
/// Replays for time: nothing but the operation's load, the allocator, and the store or load of the address.
/// The loop is entered once per 4096 operations, so that it is tier-1 code; a loop that is entered once and runs for long
/// is on-stack-replacement code, which is another program.
/// </summary>
internal sealed class TimedReplay<TAllocator>(ReplayPlan plan, nint[] addresses) : ConcurrentReplay(plan, addresses)
    where TAllocator : struct, IAllocator
{
    private const int ChunkLength = 4096;

    private readonly long[] _started = new long[plan.Operations.Length];
    private readonly long[] _ended = new long[plan.Operations.Length];
    private int _arrived;

    /// <summary>From the first thread's first operation to the last thread's last one.</summary>
    public TimeSpan Elapsed => Stopwatch.GetElapsedTime(_started.Min(), _ended.Max());

    protected override void RunOperations(int thread)
    {
        // Nobody starts before everybody is awake: waking a thread takes longer than a short trace.
        _ = Interlocked.Increment(ref _arrived);
        var spinner = new SpinWait();

        while (Volatile.Read(ref _arrived) < _started.Length)
        {
            spinner.SpinOnce(sleep1Threshold: -1);
        }

        ReadOnlySpan<Operation> rest = Plan.Operations[thread];
        _started[thread] = Stopwatch.GetTimestamp();

        while (rest.Length > ChunkLength)
        {
            RunChunk(thread, rest[..ChunkLength]);
            rest = rest[ChunkLength..];
        }

        RunChunk(thread, rest);
        _ended[thread] = Stopwatch.GetTimestamp();
    }

    private void RunChunk(int thread, ReadOnlySpan<Operation> chunk)
    {
        nint[] addresses = Addresses;

        foreach (ref readonly Operation operation in chunk)
        {
            if (operation.Frees)
            {
                nint address = Volatile.Read(ref addresses[operation.Freed]);

                if (address == 0)
                {
                    address = AwaitSlow(thread, operation.Freed);
                }

                TAllocator.Free(address);
            }
            else
            {
                Volatile.Write(ref addresses[operation.Allocated], TAllocator.Alloc((nuint)operation.Size));
            }
        }
    }
}
