namespace SlabGen.TraceReplay;

/// <summary>Stamps and checks every object while the threads run freely.</summary>
internal sealed class ConcurrentVerification<TAllocator>(ReplayPlan plan, nint[] addresses, StampChecks checks)
    : ConcurrentReplay(plan, addresses)
    where TAllocator : struct, IAllocator
{
    protected override void RunOperations(int thread)
    {
        foreach (Operation operation in Plan.Operations[thread])
        {
            if (operation.Frees)
            {
                nint address = AwaitSlow(thread, operation.Freed);
                checks.Check(address, operation.Size, operation.Freed);
                TAllocator.Free(address);
            }
            else
            {
                nint address = TAllocator.Alloc((nuint)operation.Size);

                if (address == 0)
                {
                    throw new InsufficientMemoryException("the allocator returned null");
                }

                Stamp.Write(address, operation.Size, operation.Allocated);
                Volatile.Write(ref Addresses[operation.Allocated], address);
            }
        }
    }
}
