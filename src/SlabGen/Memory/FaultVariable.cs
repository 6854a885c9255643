using System.Globalization;

namespace SlabGen.Memory;

/// <summary>
/// The environment variable <c>SLABGEN_FAIL</c>: <c>kind[:attribute=value[,attribute=value]…][;kind…]</c>, in any case
/// of letters. <c>-</c>, <c>off</c> and nothing inject nothing.
/// </summary>
internal static class FaultVariable
{
    public const string Name = "SLABGEN_FAIL";

    private const string Kinds = "pages, commit, magazines, mlock or madvise";
    private const string Attributes = "probability, interval, times, space or seed";

    /// <exception cref="InvalidOperationException">A part of it is none of the above. The message names it.</exception>
    public static Dictionary<FaultPoint, FaultAttributes> Parse(string text)
    {
        var faults = new Dictionary<FaultPoint, FaultAttributes>();
        if (text.Trim() is "" or "-" || text.Trim().Equals("off", StringComparison.OrdinalIgnoreCase))
        {
            return faults;
        }

        foreach (string part in text.Split(';'))
        {
            string[] halves = part.Split(':', 2);
            FaultPoint kind = ParseKind(halves[0].Trim())
                ?? throw Refuse(text, $"{ShownText.Quote(halves[0].Trim())} must be {Kinds}");
            FaultAttributes fault = halves.Length == 1 ? new FaultAttributes() : ParseAttributes(text, halves[1]);
            if (!faults.TryAdd(kind, fault))
            {
                throw Refuse(text, $"{ShownText.Quote(halves[0].Trim())} stands there twice");
            }
        }

        return faults;
    }

    private static FaultPoint? ParseKind(string word) => word.ToUpperInvariant() switch
    {
        "PAGES" => FaultPoint.Pages,
        "COMMIT" => FaultPoint.Commit,
        "MAGAZINES" => FaultPoint.Magazines,
        "MLOCK" => FaultPoint.Mlock,
        "MADVISE" => FaultPoint.Madvise,
        _ => null,
    };

    private static FaultAttributes ParseAttributes(string text, string attributes)
    {
        var fault = new FaultAttributes();
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (string attribute in attributes.Split(','))
        {
            string[] halves = attribute.Split('=', 2);
            string name = halves[0].Trim();
            if (halves.Length == 1)
            {
                throw Refuse(text, $"{ShownText.Quote(attribute.Trim())} must be an attribute and its value, as in interval=100");
            }

            if (!seen.Add(name))
            {
                throw Refuse(text, $"{ShownText.Quote(name)} stands there twice for one kind");
            }

            fault = Set(fault, text, name, halves[1].Trim());
        }

        return fault;
    }

    private static FaultAttributes Set(FaultAttributes fault, string text, string name, string value)
    {
        (FaultAttributes? set, string allowed) = name.ToUpperInvariant() switch
        {
            "PROBABILITY" =>
                (double.TryParse(value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture,
                    out double percent) && percent <= 100
                ? fault with { Probability = percent } : null, "from 0 to 100, in percent"),
            "INTERVAL" =>
                (Number(value) is { } interval and > 0 ? fault with { Interval = interval } : null, "a number from 1"),
            "TIMES" => value == "-1" ? (fault with { Times = null }, "") // the kernel's word for no end
                : (Number(value) is { } times ? fault with { Times = times } : null, "a number from 0, or -1 for no end"),
            "SPACE" => (Number(value) is { } space ? fault with { Space = space } : null, "a number from 0"),
            "SEED" =>
                (Number(value) is { } seed and <= int.MaxValue ? fault with { Seed = (int)seed } : null,
                    $"a number from 0 to {int.MaxValue}"),
            _ => throw Refuse(text, $"{ShownText.Quote(name)} must be {Attributes}"),
        };
        return set ?? throw Refuse(text, $"{name} is {ShownText.Quote(value)} and must be {allowed}");
    }

    private static long? Number(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : null;

    private static InvalidOperationException Refuse(string text, string why) =>
        new($"The environment variable {Name} is {ShownText.Quote(text.Trim(), most: 200)}: {why}.");
}
