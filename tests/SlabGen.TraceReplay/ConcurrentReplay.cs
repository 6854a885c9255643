using System.Runtime.CompilerServices;

namespace SlabGen.TraceReplay;

/// <summary>
/// A pass in which the threads run freely: each does its own operations in order, and waits only where it frees an object
/// that another thread has not allocated yet. (It comes to no deadlock: the order of the trace satisfies every wait.)
/// </summary>
/// <param name="plan">What to replay.</param>
/// <param name="addresses">By object: its address, 0 until it is allocated. Written by the allocating thread, read by the freeing one.</param>
internal abstract class ConcurrentReplay(ReplayPlan plan, nint[] addresses) : ReplayJob
{
    // By thread: whether it has done all its operations.
    private readonly bool[] _done = new bool[plan.Operations.Length];

    protected ReplayPlan Plan { get; } = plan;

    protected nint[] Addresses { get; } = addresses;

    public sealed override void Run(int thread)
    {
        RunOperations(thread);
        Volatile.Write(ref _done[thread], true);
    }

    /// <summary>Runs all operations of a thread.</summary>
    protected abstract void RunOperations(int thread);

    /// <summary>Waits until another thread has allocated an object, and returns its address.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    protected nint AwaitSlow(int thread, int number)
    {
        int allocator = Plan.Allocators[number];
        var spinner = new SpinWait();

        for (; ; )
        {
            // Read before the address: a thread that is done has published every address.
            bool allocated = allocator == thread || Volatile.Read(ref _done[allocator]);
            nint address = Volatile.Read(ref Addresses[number]);

            if (address != 0)
            {
                return address;
            }

            if (allocated)
            {
                throw new InsufficientMemoryException("the allocator returned null");
            }

            if (Stopped)
            {
                throw new OperationCanceledException("another thread failed");
            }

            spinner.SpinOnce(sleep1Threshold: -1);
        }
    }
}
