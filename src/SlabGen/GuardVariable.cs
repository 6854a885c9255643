using SlabGen.Memory;

namespace SlabGen;

/// <summary>
/// What turns guards on where the program's code says nothing: the environment variable <c>SLABGEN_GUARD</c>, else
/// <c>runtimeconfig.json</c>, for the default runtime.
/// </summary>
internal static class GuardVariable
{
    private const string Name = "SLABGEN_GUARD";

    /// <summary>Whether the environment says anything.</summary>
    public static bool IsSet => !string.IsNullOrWhiteSpace(Environment.GetEnvironmentVariable(Name));

    /// <summary>What the environment says now; null for off or nothing.</summary>
    /// <exception cref="InvalidOperationException">It says something else.</exception>
    public static GuardSampling? Read() => Parse(Environment.GetEnvironmentVariable(Name));

    /// <summary>In any case of letters. Empty is as good as unset.</summary>
    /// <exception cref="InvalidOperationException">It is none of the words, and no time from 0 to 1 hour.</exception>
    public static GuardSampling? Parse(string? text) =>
        TryParse(text, out GuardSampling? sampling)
            ? sampling : throw new InvalidOperationException($"The environment variable {Name} is {ShownText.Quote(text!.Trim())}. It must be {Words}.");

    /// <summary>What can be said.</summary>
    public const string Words = "on, off, or the interval: a number with ms, s or m, as 100ms, at most 1 hour";

    /// <summary>The same words, wherever they are.</summary>
    public static bool TryParse(string? text, out GuardSampling? sampling)
    {
        string word = text?.Trim().ToUpperInvariant() ?? "";
        TimeSpan? time = word.Length == 0 ? null : RuntimeConfig.ParseTime(word);
        (bool known, sampling) = word switch
        {
            "" or "OFF" or "0" or "FALSE" or "NO" or "-" => (true, (GuardSampling?)null),
            "ON" or "1" or "TRUE" or "YES" => (true, new GuardSampling()),
            _ when time >= TimeSpan.Zero && time <= TimeSpan.FromHours(1) =>
                (true, new GuardSampling { Interval = time.Value }),
            _ => (false, null),
        };
        return known;
    }
}
