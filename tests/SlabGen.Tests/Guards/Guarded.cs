namespace SlabGen.Tests.Guards;

/// <summary>Runtimes that guard every object they can, and what there is to know of the place.</summary>
internal static class Guarded
{
    /// <summary>The pages are one thing in a process: these tests run one at a time.</summary>
    public const string Collection = "Guards";

    public static readonly GuardSampling Always = new() { Interval = TimeSpan.Zero, MaxObjects = 8 };

    /// <summary>A runtime that guards every object whose allocation takes the slow path.</summary>
    public static SlabRuntime NewRuntime(bool isChecked = false, GuardSampling? sampling = null)
    {
        var runtime = new SlabRuntime(new SlabRuntimeOptions
        {
            MemoryLimit = 16 << 20,
            Processors = 1,
            MinFreeBytes = 0,
            ReapInterval = Timeout.InfiniteTimeSpan,
            Pressure = TestRuntime.NoPressure,
            Checked = isChecked,
            GuardSampling = sampling ?? Always,
        });
        SkipWithout(runtime);
        return runtime;
    }

    public static void SkipWithout(SlabRuntime runtime)
    {
        if (runtime.GuardRefusal is { } refusal)
        {
            runtime.Dispose();
            Assert.Skip(refusal);
        }
    }

    /// <summary>The address lies in a guarded object that is live.</summary>
    public static bool IsGuarded(SlabRuntime runtime, nint address) => runtime.Describe(address).Kind == AddressKind.GuardedObject;
}
