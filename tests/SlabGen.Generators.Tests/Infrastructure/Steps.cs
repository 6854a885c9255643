using System.Collections.Immutable;
using System.Reflection;
using Microsoft.CodeAnalysis;

namespace SlabGen.Generators.Tests;

/// <summary>What the steps of a driver's last run did.</summary>
internal static class Steps
{
    /// <summary>Every tracking name of the generator.</summary>
    public static readonly ImmutableArray<string> Names =
    [
        .. typeof(TrackingNames).GetFields(BindingFlags.Public | BindingFlags.Static).Select(static field => (string)field.GetRawConstantValue()!),
    ];

    /// <summary>Why each output of a step is what it is: new, modified, unchanged, cached or removed.</summary>
    public static IncrementalStepRunReason[] ReasonsOf(this GeneratorDriver driver, string step) =>
    [
        .. driver.GetRunResult().Results.Single().TrackedSteps.TryGetValue(step, out ImmutableArray<IncrementalGeneratorRunStep> runs)
            ? Reasons(runs)
            : [],
    ];

    /// <summary>The same of the files handed to the compiler.</summary>
    public static IncrementalStepRunReason[] ReasonsOfOutputs(this GeneratorDriver driver) =>
        [.. driver.GetRunResult().Results.Single().TrackedOutputSteps.Values.SelectMany(Reasons)];

    /// <summary>Asserts that the last run did nothing again that it had done before.</summary>
    public static void AssertAllCached(GeneratorDriver driver)
    {
        foreach (string name in Names)
        {
            IncrementalStepRunReason[] reasons = driver.ReasonsOf(name);
            Assert.NotEmpty(reasons);
            Assert.All(reasons, static reason =>
                Assert.True(reason is IncrementalStepRunReason.Cached or IncrementalStepRunReason.Unchanged, reason.ToString()));
        }

        Assert.All(driver.ReasonsOfOutputs(), static reason => Assert.Equal(IncrementalStepRunReason.Cached, reason));
    }

    private static IEnumerable<IncrementalStepRunReason> Reasons(ImmutableArray<IncrementalGeneratorRunStep> runs) =>
        runs.SelectMany(static run => run.Outputs).Select(static output => output.Reason);
}
