namespace SlabGen;

// Options that come from outside the code.
public sealed partial record SlabRuntimeOptions
{
    /// <summary>What <c>runtimeconfig.json</c> sets, and for all else the defaults: what <see cref="SlabRuntime.Default"/> is made of, unless code says otherwise.</summary>
    /// <remarks>
    /// The knobs, each with the MSBuild property that sets it: <c>SlabGen.MemoryLimit</c> (<c>SlabGenMemoryLimit</c>), <c>SlabGen.MinFreeBytes</c>,
    /// <c>SlabGen.HighMemBytes</c>: bytes, or <c>512M</c>; <c>SlabGen.ReapInterval</c>: <c>500ms</c>, <c>10s</c>, <c>5m</c>, <c>infinite</c>;
    /// <c>SlabGen.Pinning</c> and <c>SlabGen.HugePages</c>: a member of <see cref="Pinning"/> and <see cref="HugePages"/>, for all zones;
    /// <c>SlabGen.Processors</c>, <c>SlabGen.WatermarkScaleFactor</c>: a number; <c>SlabGen.HighMemPath</c>: a path. Any other name is ignored.
    /// </remarks>
    /// <exception cref="InvalidOperationException">A value is refused; the message has its name, the value, and what is allowed.</exception>
    public static SlabRuntimeOptions FromRuntimeConfig() => RuntimeConfig.Read(AppContext.GetData);

    /// <summary>The same with other zones, of those that have addresses by themselves.</summary>
    internal SlabRuntimeOptions WithZones(Func<ZoneOptions, ZoneOptions> change) =>
        this with { Dma = change(Dma), Dma32 = change(Dma32), Normal = change(Normal) };
}
