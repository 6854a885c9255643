namespace SlabGen.TraceReplay;

/// <summary>After a pass: each thread frees what it allocated and the program never freed. With checks if the objects are stamped.</summary>
internal sealed class FreeLeftovers<TAllocator>(ReplayPlan plan, nint[] addresses, StampChecks? checks) : ReplayJob
    where TAllocator : struct, IAllocator
{
    public override void Run(int thread)
    {
        foreach (Operation operation in plan.Leftovers[thread])
        {
            nint address = addresses[operation.Freed];
            checks?.Check(address, operation.Size, operation.Freed);
            TAllocator.Free(address);
        }
    }
}
