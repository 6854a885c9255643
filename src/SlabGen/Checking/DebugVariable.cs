using System.Globalization;
using SlabGen.Memory;

namespace SlabGen.Checking;

/// <summary>
/// What turns checking on where the program's code says nothing: the environment variable <c>SLABGEN_DEBUG</c>, else
/// the build, which puts <c>SlabGen.Checked</c> into <c>runtimeconfig.json</c> when it is a debug build, or its
/// <c>SlabGenMode</c> is <c>Checked</c>.
/// </summary>
/// <remarks>
/// A word, or blocks as in the kernel's <c>slab_debug</c>: <c>F</c> or <c>-</c>, or nothing for <c>F</c>, then names of
/// caches; <c>;</c> between blocks. A name that ends in <c>*</c> is a beginning. The first block that names a cache
/// decides for it; for all others the last one that names none.
/// </remarks>
internal static class DebugVariable
{
    private const string Name = "SLABGEN_DEBUG", Setting = "SlabGen.Checked";
    private const string Words =
        "on, 1, true or yes, or off, 0, false, no or -; or F or - with names of caches, as in F,orders,kmalloc-*;-,lines";

    /// <summary>What the environment says now of caches that it does not name: on, off, or nothing.</summary>
    /// <exception cref="InvalidOperationException">It says something else.</exception>
    public static bool? Read() => Parse(Environment.GetEnvironmentVariable(Name));

    /// <summary>What the environment says now of a cache by its name; null when it does not name it.</summary>
    /// <inheritdoc cref="Read"/>
    public static bool? ReadOf(string cacheName) => Parse(Environment.GetEnvironmentVariable(Name), cacheName);

    /// <summary>
    /// Whether caches are checked that nobody says anything of: by the environment, else by the build.
    /// </summary>
    /// <inheritdoc cref="Read"/>
    public static bool IsChecked => Read() ?? ParseSetting(AppContext.GetData(Setting)) ?? false;

    /// <summary>In any case of letters; <c>-</c> as in <c>slab_debug=-</c>. Empty is as good as unset.</summary>
    /// <param name="text">What it says.</param>
    /// <param name="cacheName">The cache that must be named; null for those that are not.</param>
    /// <exception cref="InvalidOperationException">It is none of the words, and has another letter.</exception>
    public static bool? Parse(string? text, string? cacheName = null) =>
        TryParse(text, cacheName, out bool? value, out char letter) ? value
            : throw new InvalidOperationException($"The environment variable {Name} is {ShownText.Quote(text!.Trim())}, where {ShownText.Quote(letter.ToString())} is no letter. It must be {Words}.");

    /// <summary>The same, of what the host has.</summary>
    /// <exception cref="InvalidOperationException">It is none of the words, and has another letter.</exception>
    public static bool? ParseSetting(object? data)
    {
        string? text = Convert.ToString(data, CultureInfo.InvariantCulture);
        return TryParse(text, null, out bool? value, out char letter) ? value
            : throw new InvalidOperationException($"The runtime configuration sets {Setting} (by the MSBuild property SlabGenMode) to {ShownText.Quote(text!.Trim())}, where {ShownText.Quote(letter.ToString())} is no letter. It must be {Words}.");
    }

    private static bool TryParse(string? text, string? cacheName, out bool? value, out char letter)
    {
        letter = '\0';
        value = text?.Trim().ToUpperInvariant() switch
        {
            "ON" or "1" or "TRUE" or "YES" => true,
            "OFF" or "0" or "FALSE" or "NO" or "-" => false,
            _ => null,
        };
        if (value is not null)
        {
            value = cacheName is null ? value : null; // names nobody
            return true;
        }

        const StringSplitOptions trimmed = StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries;
        foreach (string block in (text ?? "").Split(';', trimmed))
        {
            string[] parts = block.Split(',', StringSplitOptions.TrimEntries);
            if (!TryParseLetters(parts[0], out bool isOn, out letter))
            {
                return false;
            }

            value = cacheName is null ? (parts.Length == 1 ? isOn : value)
                : value ?? (Array.Exists(parts[1..], name => Names(name, cacheName)) ? isOn : null);
        }

        return true;
    }

    private static bool TryParseLetters(string letters, out bool isOn, out char unknown)
    {
        isOn = letters != "-";
        unknown = '\0';
        foreach (char letter in isOn ? letters : "")
        {
            if (letter is not ('F' or 'f'))
            {
                unknown = letter;
                return false;
            }
        }

        return true;
    }

    private static bool Names(string name, string cacheName) =>
        name.IndexOf('*', StringComparison.Ordinal) is >= 0 and var star
            ? cacheName.StartsWith(name[..star], StringComparison.Ordinal)
            : name == cacheName;
}
