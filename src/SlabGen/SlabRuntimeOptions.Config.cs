namespace SlabGen;

// Options that come from outside the code.
public sealed partial record SlabRuntimeOptions
{
    /// <summary>
    /// The options that <c>runtimeconfig.json</c> sets, and the defaults for all others.
    /// <see cref="SlabRuntime.Default"/> is made from them, unless code says otherwise.
    /// </summary>
    /// <remarks>
    /// The knobs, each with the MSBuild property that sets it:
    /// <list type="bullet">
    /// <item><c>SlabGen.MemoryLimit</c> (<c>SlabGenMemoryLimit</c>), <c>SlabGen.MinFreeBytes</c>,
    /// <c>SlabGen.HighMemBytes</c>: bytes, or <c>512M</c>.</item>
    /// <item><c>SlabGen.ReapInterval</c>: <c>500ms</c>, <c>10s</c>, <c>5m</c>, <c>infinite</c>.</item>
    /// <item><c>SlabGen.Pinning</c> and <c>SlabGen.HugePages</c>: a member of <see cref="Pinning"/> and
    /// <see cref="HugePages"/>, for all zones.</item>
    /// <item><c>SlabGen.Processors</c>, <c>SlabGen.WatermarkScaleFactor</c>: a number.</item>
    /// <item><c>SlabGen.Guard</c>: <c>on</c>, <c>off</c>, or the interval, as <c>100ms</c>; not where
    /// <c>SLABGEN_GUARD</c> is set. <c>SlabGen.GuardObjects</c>: a number.</item>
    /// <item><c>SlabGen.HighMemPath</c>: a path.</item>
    /// </list>
    /// Any other name is ignored.
    /// </remarks>
    /// <exception cref="InvalidOperationException">A value is refused. The message has its name, the value, and what is
    /// allowed.</exception>
    public static SlabRuntimeOptions FromRuntimeConfig() => RuntimeConfig.Read(AppContext.GetData);

    /// <summary>
    /// The same options with changes to every zone that always has addresses: all but <see cref="ZoneKind.HighMem"/>.
    /// </summary>
    internal SlabRuntimeOptions WithZones(Func<ZoneOptions, ZoneOptions> change) =>
        this with { Dma = change(Dma), Dma32 = change(Dma32), Normal = change(Normal) };
}
