using OpenTelemetry;
using OpenTelemetry.Metrics;
using SlabGen.Metrics;

namespace SlabGen.Tests.Diagnostics;

/// <summary>OpenTelemetry's own exporter reads the meter as it is.</summary>
[Collection("Alone")]
public sealed class OpenTelemetryTests
{
    [Fact]
    public void The_in_memory_exporter_has_names_units_kinds_and_values()
    {
        using SlabRuntime runtime = Listening.Large("otel");
        KmemCache cache = runtime.CreateCache("orders", 100);
        cache.AllocBulk(new nint[40]);
        var exported = new List<MetricSnapshot>();
        using MeterProvider provider = Sdk.CreateMeterProviderBuilder().AddMeter(SlabMeter.Name).AddInMemoryExporter(exported).Build();
        Assert.True(provider.ForceFlush());

        MetricSnapshot objects = exported.Single(metric => metric.Name == "slabgen.cache.objects");
        Assert.Equal(("{object}", MetricType.LongSumNonMonotonic, "SlabGen"), (objects.Unit, objects.MetricType, objects.MeterName));
        Assert.Equal(40, Values(objects)["otel orders live"]);
        MetricSnapshot transfers = exported.Single(metric => metric.Name == "slabgen.cache.transfers");
        Assert.Equal(("{object}", MetricType.LongSum), (transfers.Unit, transfers.MetricType));
        Assert.Equal(cache.Snapshot().TakenObjects, Values(transfers)["otel orders out"]);
        MetricSnapshot committed = exported.Single(metric => metric.Name == "slabgen.runtime.committed");
        Assert.Equal("By", committed.Unit);
        Assert.Equal(runtime.CommittedBytes, Values(committed)["otel"]);
        Assert.Equal(14, exported.Count);
        cache.Reset();
    }

    private static Dictionary<string, long> Values(MetricSnapshot metric)
    {
        var values = new Dictionary<string, long>();
        foreach (MetricPoint point in metric.MetricPoints)
        {
            var words = new List<string>();
            foreach (KeyValuePair<string, object?> tag in point.Tags)
            {
                words.Add($"{tag.Value}");
            }

            // The tags come sorted by their keys: slabgen.cache, slabgen.object.state, slabgen.runtime, or as they were given.
            words.Sort((a, b) => Rank(a) - Rank(b));
            values[string.Join(' ', words)] = point.GetSumLong();
        }

        return values;
    }

    private static int Rank(string word) => word switch { "otel" => 0, "orders" => 1, _ => 2 };
}
