using System.Runtime.InteropServices;

namespace SlabGen.Benchmarks.Workloads;

/// <summary>A count that one thread raises and another waits for. It shares its cache line with nothing.</summary>
[StructLayout(LayoutKind.Explicit, Size = 256)]
internal struct Counter
{
    [FieldOffset(128)]
    private long _value;

    public long Value
    {
        get => Volatile.Read(ref _value);
        set => Volatile.Write(ref _value, value);
    }

    /// <summary>Spins until the count is reached, and yields the processor to others only.</summary>
    public void WaitFor(long value)
    {
        var spin = default(SpinWait);
        while (Value < value)
        {
            spin.SpinOnce(sleep1Threshold: -1);
        }
    }
}
