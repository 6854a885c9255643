using System.Text.Json;
using System.Text.Json.Serialization;

namespace MatchingEngine.Measuring;

/// <summary>What one run measured; <see cref="Options.HelpText"/> says how. Times are in nanoseconds.</summary>
internal sealed record Report
{
    public required string Variant { get; init; }

    public required int Messages { get; init; }

    public required int Built { get; init; }

    public required int Seed { get; init; }

    public required int Resting { get; init; }

    public required long Trades { get; init; }

    public required long Volume { get; init; }

    public required long Refused { get; init; }

    public required string Checksum { get; init; }

    public required double MessagesPerSecond { get; init; }

    public required long P50 { get; init; }

    public required long P99 { get; init; }

    public required long P9999 { get; init; }

    public required long Longest { get; init; }

    public required long PauseTotal { get; init; }

    public required long PauseLongest { get; init; }

    public required int Collections { get; init; }

    public required long AllocatedBytes { get; init; }

    public required long ResidentBytes { get; init; }

    /// <summary>Resident before the book was made.</summary>
    public required long ResidentBefore { get; init; }

    public required long SlabObjectsLeft { get; init; }

    /// <summary>It was a debug build: misuse of slabs is looked for, and the JIT did not optimise.</summary>
    public required bool Debug { get; init; }

    /// <summary>What is wrong with the run, if anything.</summary>
    [JsonIgnore]
    public string? Problem => SlabObjectsLeft == 0 ? null : $"{SlabObjectsLeft:N0} objects were left in slabs";

    public static Report FromJson(string json) =>
        JsonSerializer.Deserialize(json, ReportJson.Default.Report) ?? throw new JsonException("the report is null");

    public string ToJson() => JsonSerializer.Serialize(this, ReportJson.Default.Report);

    public string ToText()
    {
        string debug = Debug ? "\n\nThis is a debug build, which looks for misuse: add -c Release for figures." : "";
        return $"""
            {Messages:N0} messages over {Variant}: {Trades:N0} trades, {Refused:N0} refused, {Resting:N0} orders rest
              messages/s    {MessagesPerSecond,15:N0}
              latency       {Figures.Time(P50)} (p50), {Figures.Time(P99)} (p99), {Figures.Time(P9999)} (p99.99), {Figures.Time(Longest)} (longest)
              pauses        {Figures.Time(PauseLongest)} (longest), {Figures.Time(PauseTotal)} (all), in {Collections:N0} collections
              allocated     {Figures.Bytes(AllocatedBytes)} on the managed heap
              resident      {Figures.Bytes(ResidentBytes)}, before the book {Figures.Bytes(ResidentBefore)}
              checksum      {Checksum}; {SlabObjectsLeft:N0} objects left in slabs{debug}
            """;
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Report))]
internal sealed partial class ReportJson : JsonSerializerContext;
