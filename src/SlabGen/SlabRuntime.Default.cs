using SlabGen.Memory;

namespace SlabGen;

// The runtime of the process: made at its first use, of what code or runtimeconfig.json says.
public sealed partial class SlabRuntime
{
    private static readonly UninterruptibleLock s_defaultLock = new(); // a leaf but for the making of a runtime
    private static SlabRuntimeOptions? s_defaultOptions; // under the lock
    private static SlabRuntime? s_default; // written once, under the lock; read without

    /// <summary>The runtime of the process: generated caches live in it, except those whose attribute or code names another. It cannot be disposed.</summary>
    /// <exception cref="InvalidOperationException"><c>runtimeconfig.json</c> has a value that is refused: the message names it. The next use tries again.</exception>
    public static SlabRuntime Default => Volatile.Read(ref s_default) ?? MakeDefault();

    /// <summary>Says what <see cref="Default"/> is like, before anything uses it. It wins over <c>runtimeconfig.json</c>; of several calls the last counts.</summary>
    /// <param name="options">All its options; <see cref="SlabRuntimeOptions.FromRuntimeConfig"/> has those that were configured, to start from.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    /// <exception cref="InvalidOperationException"><see cref="Default"/> is in use already; the message names what came first.</exception>
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

    /// <summary>The one place that says what the default is made of.</summary>
    private static SlabRuntimeOptions DefaultOptions() => s_defaultOptions ?? SlabRuntimeOptions.FromRuntimeConfig();

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
