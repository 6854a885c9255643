namespace SlabGen.Tests.Checking;

/// <summary>Runtimes and caches with letters, and what is written where it must not be.</summary>
internal static class Lettered
{
    public static readonly TheoryData<SlabDebug> Sets =
    [
        SlabDebug.RedZones, SlabDebug.Poison, SlabDebug.RedZones | SlabDebug.Poison, SlabDebug.Full,
    ];

    public static SlabRuntime NewRuntime(SlabDebug letters, int pages = 1024)
    {
        SlabRuntimeOptions options = new()
        {
            MemoryLimit = (long)pages * SlabGen.Memory.Page.Size,
            Processors = 1,
            MinFreeBytes = 0,
            ReapInterval = Timeout.InfiniteTimeSpan,
            Pressure = TestRuntime.NoPressure,
            Debug = letters,
            GuardSampling = null,
        };
        return new SlabRuntime(options);
    }

    public static unsafe void Write(nint address, byte value) => *(byte*)address = value;

    public static unsafe byte Read(nint address) => *(byte*)address;

    public static unsafe Span<byte> Bytes(nint address, int count) => new((void*)address, count);

    /// <summary>What a call throws, with its report.</summary>
    public static SlabReport Report(Action call, SlabFault fault)
    {
        SlabException error = Assert.Throws<SlabException>(call);
        Assert.Equal(fault, error.Fault);
        Assert.NotNull(error.Report);
        Assert.Equal((fault, error.Address), (error.Report.Fault, error.Report.Address));
        return error.Report;
    }
}
