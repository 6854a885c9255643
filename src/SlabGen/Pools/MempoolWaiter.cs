namespace SlabGen.Pools;

/// <summary>Who waits for an element of a <see cref="Mempool"/>; its task ends with the element, or with 0 when the pool ends.</summary>
internal sealed class MempoolWaiter : TaskCompletionSource<nint>
{
    public MempoolWaiter()
        : base(TaskCreationOptions.RunContinuationsAsynchronously) // it is served under the pool's lock
        => Node = new LinkedListNode<MempoolWaiter>(this);

    /// <summary>The place in the queue; under the pool's lock.</summary>
    public LinkedListNode<MempoolWaiter> Node { get; }

    /// <summary>When the wait began, in milliseconds.</summary>
    public long Since { get; } = Environment.TickCount64;
}
