namespace SlabGen.Pools;

/// <summary>
/// A caller that waits for an element of a <see cref="Mempool"/>. Its task ends with the element, or with 0 when the
/// pool ends.
/// </summary>
internal sealed class MempoolWaiter : TaskCompletionSource<nint>
{
    public MempoolWaiter()
        : base(TaskCreationOptions.RunContinuationsAsynchronously) // it is served under the pool's lock
        => Node = new LinkedListNode<MempoolWaiter>(this);

    /// <summary>The place in the queue. Under the pool's lock.</summary>
    public LinkedListNode<MempoolWaiter> Node { get; }

    /// <summary>When the wait began, in milliseconds.</summary>
    public long Since { get; } = Environment.TickCount64;
}
