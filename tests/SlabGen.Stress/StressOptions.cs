using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace SlabGen.Stress;

/// <summary>What the command line says.</summary>
internal sealed record StressOptions
{
    public const string Usage = """
        usage: SlabGen.Stress [--seed N] [--seconds N] [--round-seconds N] [--threads A..B] [--together N] [--only SCENARIO,...] [--hang-seconds N]
          --seed           of the first round; the next has the next number (default: by the clock)
          --seconds        how long rounds are begun (default 10)
          --round-seconds  how long a round runs (default 2)
          --threads        workers of a round, at least and at most (default 1..200)
          --together       scenarios of a round (default 4)
          --only           these scenarios
          --hang-seconds   a worker that does nothing for so long hangs (default 30)
        """;

    public int Seed { get; init; } = Environment.TickCount & 0xfffff;

    public double Seconds { get; init; } = 10;

    public double RoundSeconds { get; init; } = 2;

    public int LeastThreads { get; init; } = 1;

    public int MostThreads { get; init; } = 200;

    public int Together { get; init; } = 4;

    public double HangSeconds { get; init; } = 30;

    /// <summary>Names of scenarios; empty for all.</summary>
    public string[] Only { get; init; } = [];

    public static bool TryParse(string[] args, string[] scenarios, string[] alsoNamed, [NotNullWhen(true)] out StressOptions? options, [NotNullWhen(false)] out string? refusal)
    {
        var parsed = new StressOptions();
        options = null;
        refusal = args.Length % 2 == 0 ? null : $"{args[^1]}: an option without a value, or a value without an option.";
        for (int i = 0; i + 1 < args.Length && refusal is null; i += 2)
        {
            string value = args[i + 1];
            string[] range = value.Split("..");
            switch (args[i])
            {
                case "--seed" when int.TryParse(value, CultureInfo.InvariantCulture, out int seed):
                    parsed = parsed with { Seed = seed };
                    break;
                case "--seconds" when TryParse(value, out double seconds):
                    parsed = parsed with { Seconds = seconds };
                    break;
                case "--round-seconds" when TryParse(value, out double seconds):
                    parsed = parsed with { RoundSeconds = seconds };
                    break;
                case "--hang-seconds" when TryParse(value, out double seconds):
                    parsed = parsed with { HangSeconds = seconds };
                    break;
                case "--together" when TryParse(value, 1, 100, out int together):
                    parsed = parsed with { Together = together };
                    break;
                case "--threads" when TryParse(range[0], 1, 1000, out int least) && TryParse(range[^1], least, 1000, out int most):
                    parsed = parsed with { LeastThreads = least, MostThreads = most };
                    break;
                case "--only" when value.Split(',').All(name => scenarios.Contains(name) || alsoNamed.Contains(name)):
                    parsed = parsed with { Only = value.Split(',') };
                    break;
                default:
                    refusal = $"{args[i]} {value}: no such option, or not a value of it. Scenarios: {string.Join(", ", scenarios)}.";
                    break;
            }
        }

        options = refusal is null ? parsed : null;
        return refusal is null;
    }

    private static bool TryParse(string text, out double seconds) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out seconds) && seconds is > 0 and < 1e6;

    private static bool TryParse(string text, int least, int most, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number >= least && number <= most;
}
