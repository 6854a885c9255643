using System.Globalization;
using SlabGen.Memory;

namespace SlabGen.Checking;

/// <summary>
/// What turns checking on where the program's code says nothing: the environment variable <c>SLABGEN_DEBUG</c>, else
/// the build, which puts <c>SlabGen.Checked</c> into <c>runtimeconfig.json</c> when it is a debug build, or its
/// <c>SlabGenMode</c> is <c>Checked</c>.
/// </summary>
internal static class DebugVariable
{
    private const string Name = "SLABGEN_DEBUG", Setting = "SlabGen.Checked";
    private const string Words = "on, 1, true or yes, or off, 0, false, no or -";

    /// <summary>What the environment says now: on, off, or nothing.</summary>
    /// <exception cref="InvalidOperationException">It says something else.</exception>
    public static bool? Read() => Parse(Environment.GetEnvironmentVariable(Name));

    /// <summary>
    /// Whether caches are checked that nobody says anything of: by the environment, else by the build.
    /// </summary>
    /// <inheritdoc cref="Read"/>
    public static bool IsChecked => Read() ?? ParseSetting(AppContext.GetData(Setting)) ?? false;

    /// <summary>In any case of letters; <c>-</c> as in <c>slab_debug=-</c>. Empty is as good as unset.</summary>
    /// <exception cref="InvalidOperationException">It is none of the words.</exception>
    public static bool? Parse(string? text) =>
        TryParse(text, out bool? value) ? value : throw new InvalidOperationException($"The environment variable {Name} is {ShownText.Quote(text!.Trim())}. It must be {Words}.");

    /// <summary>The same words, of what the host has.</summary>
    /// <exception cref="InvalidOperationException">It is none of the words.</exception>
    public static bool? ParseSetting(object? data)
    {
        string? text = Convert.ToString(data, CultureInfo.InvariantCulture);
        return TryParse(text, out bool? value) ? value
            : throw new InvalidOperationException($"The runtime configuration sets {Setting} (by the MSBuild property SlabGenMode) to {ShownText.Quote(text!.Trim())}. It must be {Words}.");
    }

    private static bool TryParse(string? text, out bool? value)
    {
        (bool known, value) = text?.Trim().ToUpperInvariant() switch
        {
            null or "" => (true, (bool?)null),
            "ON" or "1" or "TRUE" or "YES" => (true, true),
            "OFF" or "0" or "FALSE" or "NO" or "-" => (true, false),
            _ => (false, null),
        };
        return known;
    }
}
