using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;

namespace SlabGen.Tests;

/// <summary>Every <c>using var runtime</c> of the tests is a check that nothing was left behind: Dispose reports, and here a report is a failure.</summary>
internal static class LeaksAreFailures
{
    [ModuleInitializer]
    internal static void Handle()
    {
        // Where this assembly is a plugin's once more, an event of the SlabGen that stays would keep its load context.
        if (!typeof(LeaksAreFailures).IsCollectible)
        {
            SlabRuntime.LeaksFound += Throw;
        }
    }

    private static void Throw(SlabRuntimeReport report)
    {
        if (report.HasLeaks)
        {
            throw new InvalidOperationException(report.ToString(), report.Error);
        }

        ExceptionDispatchInfo.Throw(report.Error!);
    }
}
