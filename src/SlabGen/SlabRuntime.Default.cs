using SlabGen.Memory;

namespace SlabGen;

// The runtime of the process. It is made at its first use, from what code or runtimeconfig.json says.
public sealed partial class SlabRuntime
{
    private static readonly UninterruptibleLock s_defaultLock = new(); // a leaf, except for the making of a runtime
    private static SlabRuntimeOptions? s_defaultOptions; // under the lock
    private static SlabRuntime? s_default; // written once, under the lock; read without

    /// <summary>
    /// The runtime of the process. Generated caches live in it, unless their attribute or code names another. It cannot
    /// be disposed.
    /// </summary>
    /// <exception cref="InvalidOperationException"><c>runtimeconfig.json</c> has a value that is refused. The message
    /// names it. The next use tries again.</exception>
    public static SlabRuntime Default => Volatile.Read(ref s_default) ?? MakeDefault();

    /// <summary>
    /// Sets the options of <see cref="Default"/>, before anything uses it. It overrides <c>runtimeconfig.json</c>. If
    /// it is called several times, the last call counts.
    /// </summary>
    /// <param name="options">All its options. To start from the configured ones, use
    /// <see cref="SlabRuntimeOptions.FromRuntimeConfig"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    /// <exception cref="InvalidOperationException"><see cref="Default"/> is in use already. The message names its first
    /// use.</exception>
    public static void ConfigureDefault(SlabRuntimeOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        SlabRuntime? made;
        using (s_defaultLock.Hold())
        {
            made = s_default;
            s_defaultOptions = made is null ? options : s_defaultOptions;
        }

        if (made is not null)
        {
            throw new InvalidOperationException(Volatile.Read(ref made._firstCache) is { } cache
                ? $"SlabRuntime.ConfigureDefault comes too late: SlabRuntime.Default is in use since the cache '{cache}' was made. Call it before the first allocation."
                : "SlabRuntime.ConfigureDefault comes too late: SlabRuntime.Default was asked for before, though no cache was made in it. Call it before anything reads SlabRuntime.Default.");
        }
    }

    /// <summary>The one place that decides the options of the default runtime.</summary>
    private static SlabRuntimeOptions DefaultOptions()
    {
        SlabRuntimeOptions options = s_defaultOptions ?? SlabRuntimeOptions.FromRuntimeConfig();
        return options.Name is null ? options with { Name = "default" } : options;
    }

    private static SlabRuntime MakeDefault()
    {
        using (s_defaultLock.Hold())
        {
            if (s_default is null)
            {
                Volatile.Write(ref s_default, new SlabRuntime(DefaultOptions()));
            }

            return s_default;
        }
    }
}
