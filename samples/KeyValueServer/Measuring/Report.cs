using System.Text.Json;
using System.Text.Json.Serialization;

namespace KeyValueServer.Measuring;

/// <summary>What was measured of one server. Times are in nanoseconds; throughput is the median of the rounds, the longest of all rounds.</summary>
internal sealed record Report
{
    public required string Server { get; init; }

    public required int Keys { get; init; }

    public double SetPipelined { get; set; }

    public double GetPipelined { get; set; }

    public double Set { get; set; }

    public double Get { get; set; }

    public long SetP99 { get; set; }

    public long LongestSet { get; set; }

    public long LongestGet { get; set; }

    /// <summary>By redis-benchmark; 0 if it is not installed.</summary>
    public double BenchmarkSet { get; set; }

    public double BenchmarkGet { get; set; }

    public long BenchmarkLongestSet { get; set; }

    /// <summary>After a warm-up, with no key.</summary>
    public long ResidentEmpty { get; set; }

    public long ResidentFilled { get; set; }

    /// <summary>After all keys were deleted, and two reap intervals.</summary>
    public long ResidentDeleted { get; set; }

    /// <summary>Of the collector, from the fill to the deletion; -1 without a collector.</summary>
    public long Pauses { get; set; } = -1;

    public long Collections { get; set; } = -1;

    [JsonIgnore]
    public double BytesPerKey => (double)(ResidentFilled - ResidentEmpty) / Keys;

    public string ToJson() => JsonSerializer.Serialize(this, ReportJson.Default.Report);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Report))]
internal sealed partial class ReportJson : JsonSerializerContext;
