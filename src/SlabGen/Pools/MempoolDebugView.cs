namespace SlabGen.Pools;

/// <summary>What a debugger shows for a pool.</summary>
internal sealed class MempoolDebugView(Mempool pool)
{
    public KmemCache Cache => pool.Cache;

    public int Minimum => pool.Minimum;

    /// <summary>The addresses of the elements in reserve.</summary>
    public nint[] Reserve => pool.Reserved();

    public long Outstanding => pool.Outstanding;

    public int Waiters => pool.Waiters;

    public TimeSpan LongestWait => pool.LongestWait;
}
