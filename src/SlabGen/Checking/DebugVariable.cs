using System.Globalization;
using SlabGen.Memory;

namespace SlabGen.Checking;

/// <summary>
/// What turns checking on where the program's code says nothing: the environment variable <c>SLABGEN_DEBUG</c>, else
/// the build, which puts <c>SlabGen.Debug</c> into <c>runtimeconfig.json</c> when its <c>SlabGenDebug</c> has letters,
/// and <c>SlabGen.Checked</c> when it is a debug build, or its <c>SlabGenMode</c> is <c>Checked</c>.
/// </summary>
/// <remarks>
/// A word, or blocks as in the kernel's <c>slab_debug</c>: letters of <see cref="SlabDebug"/> or <c>-</c>, or nothing
/// for <c>FZPU</c>, then names of caches; <c>;</c> between blocks. A name that ends in <c>*</c> is a beginning. The
/// first block that names a cache decides for it; for all others the last one that names none. The word <c>on</c> is
/// <c>F</c>.
/// </remarks>
internal static class DebugVariable
{
    private const string Name = "SLABGEN_DEBUG", Letters = "FZPUTQ";
    private const string Words =
        "on, 1, true or yes, or off, 0, false, no or -; or letters of FZPUTQ, or -, with names of caches, as in FZ,orders,kmalloc-*;-,lines";

    private static readonly (string Name, string Property)[] s_settings =
        [("SlabGen.Debug", "SlabGenDebug"), ("SlabGen.Checked", "SlabGenMode")];

    /// <summary>What the environment says now of caches that it does not name, or null for nothing.</summary>
    /// <exception cref="InvalidOperationException">It says something else.</exception>
    public static SlabDebug? Read() => Parse(Environment.GetEnvironmentVariable(Name));

    /// <summary>What is said now of a cache by its name; null when it is not named.</summary>
    /// <inheritdoc cref="Read"/>
    public static SlabDebug? ReadOf(string cacheName) =>
        Environment.GetEnvironmentVariable(Name) is { } text && Parse(text, cacheName) is { } letters ? letters
            : Read() is null ? ParseSetting(AppContext.GetData(s_settings[0].Name), cacheName: cacheName) : null;

    /// <summary>
    /// What is done for caches that nobody says anything of: by the environment, else by the build.
    /// </summary>
    /// <inheritdoc cref="Read"/>
    public static SlabDebug OfOthers =>
        Read() ?? ParseSetting(AppContext.GetData(s_settings[0].Name))
            ?? ParseSetting(AppContext.GetData(s_settings[1].Name), setting: 1) ?? SlabDebug.None;

    /// <summary>In any case of letters; <c>-</c> as in <c>slab_debug=-</c>. Empty is as good as unset.</summary>
    /// <param name="text">What it says.</param>
    /// <param name="cacheName">The cache that must be named; null for those that are not.</param>
    /// <exception cref="InvalidOperationException">It is none of the words, and has another letter.</exception>
    public static SlabDebug? Parse(string? text, string? cacheName = null) =>
        TryParse(text, cacheName, out SlabDebug? value, out char letter) ? value
            : throw new InvalidOperationException($"The environment variable {Name} is {ShownText.Quote(text!.Trim())}, where {ShownText.Quote(letter.ToString())} is no letter. It must be {Words}.");

    /// <summary>The same, of what the host has.</summary>
    /// <param name="data">What it has.</param>
    /// <param name="setting">Under which name: 0 for the letters, 1 for the mode.</param>
    /// <param name="cacheName">As in <see cref="Parse"/>.</param>
    /// <exception cref="InvalidOperationException">It is none of the words, and has another letter.</exception>
    public static SlabDebug? ParseSetting(object? data, int setting = 0, string? cacheName = null)
    {
        string? text = Convert.ToString(data, CultureInfo.InvariantCulture);
        return TryParse(text, cacheName, out SlabDebug? value, out char letter) ? value
            : throw new InvalidOperationException($"The runtime configuration sets {s_settings[setting].Name} (by the MSBuild property {s_settings[setting].Property}) to {ShownText.Quote(text!.Trim())}, where {ShownText.Quote(letter.ToString())} is no letter. It must be {Words}.");
    }

    private static bool TryParse(string? text, string? cacheName, out SlabDebug? value, out char letter)
    {
        letter = '\0';
        value = text?.Trim().ToUpperInvariant() switch
        {
            "ON" or "1" or "TRUE" or "YES" => SlabDebug.Checks,
            "OFF" or "0" or "FALSE" or "NO" or "-" => SlabDebug.None,
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
            if (!TryParseLetters(parts[0], out SlabDebug letters, out letter))
            {
                return false;
            }

            value = cacheName is null ? (parts.Length == 1 ? letters : value)
                : value ?? (Array.Exists(parts[1..], name => Names(name, cacheName)) ? letters : null);
        }

        return true;
    }

    private static bool TryParseLetters(string text, out SlabDebug letters, out char unknown)
    {
        letters = text.Length == 0 ? SlabDebug.Full : SlabDebug.None;
        unknown = '\0';
        foreach (char letter in text == "-" ? "" : text)
        {
            int bit = Letters.IndexOf(char.ToUpperInvariant(letter), StringComparison.Ordinal);
            if (bit < 0)
            {
                unknown = letter;
                return false;
            }

            letters |= (SlabDebug)(1 << bit) | SlabDebug.Checks;
        }

        return true;
    }

    private static bool Names(string name, string cacheName) =>
        name.IndexOf('*', StringComparison.Ordinal) is >= 0 and var star
            ? cacheName.StartsWith(name[..star], StringComparison.Ordinal)
            : name == cacheName;
}
