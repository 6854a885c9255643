using System.Globalization;
using SlabGen.Memory;

namespace SlabGen;

/// <summary>
/// Reads the options of the default runtime from <c>runtimeconfig.json</c>. The host hands its <c>configProperties</c>
/// to <see cref="AppContext"/>. A program compiled ahead of time has them built in.
/// </summary>
/// <remarks>
/// One line of the table is one knob: its name, its allowed values, and what it sets. The targets of the package have a
/// line for each knob too.
/// </remarks>
internal static class RuntimeConfig
{
    private static readonly Func<string> s_bytes = static () => "a number of bytes, with K, M, G or T for the powers of 1024: 536870912 or 512M";
    private static readonly Func<string> s_times = static () => "a number with ms, s or m, as 500ms or 10s, or the word infinite";
    private static readonly Func<string> s_number = static () => "a number";

    // Null: the text is not an allowed value.
    private delegate SlabRuntimeOptions? Setter(SlabRuntimeOptions options, string text);

    // The limit first: others are checked against it.
    private static readonly (string Name, Func<string> Allowed, Setter Set)[] s_knobs =
    [
        (nameof(SlabRuntimeOptions.MemoryLimit), s_bytes,
            static (options, text) => ParseBytes(text) is { } bytes ? options with { MemoryLimit = bytes } : null),
        (nameof(SlabRuntimeOptions.MinFreeBytes), s_bytes,
            static (options, text) => ParseBytes(text) is { } bytes ? options with { MinFreeBytes = bytes } : null),
        (nameof(SlabRuntimeOptions.ReapInterval), s_times,
            static (options, text) => ParseTime(text) is { } time ? options with { ReapInterval = time } : null),
        (nameof(ZoneOptions.Pinning), Words<Pinning>,
            static (options, text) =>
                ParseWord<Pinning>(text) is { } pinning
                    ? options.WithZones(zone => zone with { Pinning = pinning }) : null),
        (nameof(ZoneOptions.HugePages), Words<HugePages>,
            static (options, text) =>
                ParseWord<HugePages>(text) is { } huge
                    ? options.WithZones(zone => zone with { HugePages = huge }) : null),
        (nameof(SlabRuntimeOptions.Processors), s_number,
            static (options, text) => ParseNumber(text) is { } number ? options with { Processors = number } : null),
        (nameof(SlabRuntimeOptions.WatermarkScaleFactor), s_number,
            static (options, text) =>
                ParseNumber(text) is { } number ? options with { WatermarkScaleFactor = number } : null),
        ("Guard", static () => GuardVariable.Words,
            static (options, text) =>
                !GuardVariable.TryParse(text, out GuardSampling? guards) ? null
                : GuardVariable.IsSet ? options // the environment goes before the build
                : options with { GuardSampling = guards }),
        ("GuardObjects", s_number,
            static (options, text) => ParseNumber(text) is not { } objects ? null
                : options.GuardSampling is { } guards
                    ? options with { GuardSampling = guards with { MaxObjects = objects } } : options),
        ("HighMemBytes", s_bytes,
            static (options, text) =>
                ParseBytes(text) is { } bytes
                    ? options with { HighMem = options.HighMem with { Bytes = bytes } } : null),
        ("HighMemPath", static () => "the path of a file that can be made",
            static (options, text) => options with { HighMem = options.HighMem with { Path = text } }),
    ];

    /// <summary>The names of the knobs, without <c>SlabGen.</c>.</summary>
    public static IEnumerable<string> Names => s_knobs.Select(static knob => knob.Name);

    /// <summary>Reads the options that are set, and takes the others from <see cref="SlabRuntimeOptions"/>.</summary>
    /// <param name="read">Returns the host's value for a name: <see cref="AppContext.GetData"/>.</param>
    /// <exception cref="InvalidOperationException">A value is refused.</exception>
    public static SlabRuntimeOptions Read(Func<string, object?> read)
    {
        var options = new SlabRuntimeOptions();
        foreach ((string name, Func<string> allowed, Setter set) in s_knobs)
        {
            string? text = Convert.ToString(read("SlabGen." + name), CultureInfo.InvariantCulture)?.Trim();
            if (string.IsNullOrEmpty(text))
            {
                continue;
            }

            options = set(options, text) ?? throw Refuse(name, text, $"It must be {allowed()}.", inner: null);
            try
            {
                options.Validate();
            }
            catch (ArgumentException e)
            {
                throw Refuse(name, text, e.Message.Split(" (Parameter")[0], e);
            }
        }

        return options;
    }

    private static InvalidOperationException Refuse(string name, string text, string why, Exception? inner) =>
        new($"The runtime configuration sets SlabGen.{name} (MSBuild property SlabGen{name}) to {ShownText.Quote(text)}. {why}", inner);

    internal static long? ParseBytes(string text)
    {
        int shift = char.ToUpperInvariant(text[^1]) switch { 'K' => 10, 'M' => 20, 'G' => 30, 'T' => 40, _ => 0 };
        return long.TryParse(shift == 0 ? text : text[..^1], NumberStyles.None, CultureInfo.InvariantCulture,
            out long number) && number <= long.MaxValue >> shift
            ? number << shift
            : null;
    }

    internal static TimeSpan? ParseTime(string text)
    {
        if (text.Equals("infinite", StringComparison.OrdinalIgnoreCase))
        {
            return Timeout.InfiniteTimeSpan;
        }

        (int unit, int letters) = text.EndsWith("ms", StringComparison.OrdinalIgnoreCase) ? (1, 2)
            : text.EndsWith('s') || text.EndsWith('S') ? (1000, 1)
            : text.EndsWith('m') || text.EndsWith('M') ? (60_000, 1)
            : (0, 0);
        return unit != 0 && ParseNumber(text[..^letters]) is { } number
            ? TimeSpan.FromMilliseconds((long)number * unit) : null;
    }

    private static int? ParseNumber(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : null;

    // By name alone, because Enum.TryParse would accept a number, or several names with commas.
    private static T? ParseWord<T>(string text)
        where T : struct, Enum
    {
        foreach (T value in Enum.GetValues<T>())
        {
            if (value.ToString().Equals(text, StringComparison.OrdinalIgnoreCase))
            {
                return value;
            }
        }

        return null;
    }

    private static string Words<T>()
        where T : struct, Enum => string.Join(" or ", Enum.GetNames<T>());
}
