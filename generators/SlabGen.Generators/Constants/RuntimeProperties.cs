using System.Text.RegularExpressions;

namespace SlabGen.Generators;

/// <summary>
/// The MSBuild properties that configure the default runtime of a program, and what they may say: as
/// <c>RuntimeConfig</c> of the runtime reads them.
/// </summary>
internal static class RuntimeProperties
{
    private const string Bytes = "a number of bytes, with K, M, G or T for the powers of 1024: 536870912 or 512M";

    // A block of SLABGEN_DEBUG: letters, and the names of caches.
    private const string Letters = "([FZPUTQ]*|-)(,[^;,]*)*";

    // HighMemPath has no pattern: the system says what a path is.
    public static readonly (string Property, string Pattern, string Allowed)[] All =
    [
        ("SlabGenMemoryLimit", "^[0-9]+[KMGT]?$", Bytes),
        ("SlabGenMinFreeBytes", "^[0-9]+[KMGT]?$", Bytes),
        ("SlabGenHighMemBytes", "^[0-9]+[KMGT]?$", Bytes),
        ("SlabGenReapInterval", "^([0-9]+(ms|s|m)|infinite)$", "a number with ms, s or m, as 500ms or 10s, or the word infinite"),
        ("SlabGenPinning", "^(None|BestEffort|Required)$", "None or BestEffort or Required"),
        ("SlabGenHugePages", "^(None|Transparent|Reserved)$", "None or Transparent or Reserved"),
        ("SlabGenProcessors", "^[0-9]+$", "a number"),
        ("SlabGenWatermarkScaleFactor", "^[0-9]+$", "a number"),
        ("SlabGenGuard", "^(on|1|true|yes|off|0|false|no|-|[0-9]+(ms|s|m))$", "on, off, or the interval: a number with ms, s or m, as 100ms, at most 1 hour"),
        ("SlabGenGuardObjects", "^[0-9]+$", "a number"),
        ("SlabGenDiagnostics", "^(false|true)$", "false or true"),
        ("SlabGenDebug", $"^(on|1|true|yes|off|0|false|no|{Letters}(; *{Letters})*)$", "on, off, or letters of FZPUTQ, or -, with names of caches, as in FZ,orders,kmalloc-*;-,lines"),
    ];

    public static bool Allows(string pattern, string word) =>
        Regex.IsMatch(word, pattern, RegexOptions.IgnoreCase | RegexOptions.CultureInvariant);
}
