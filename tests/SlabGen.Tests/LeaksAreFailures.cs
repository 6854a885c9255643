using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using Xunit.Sdk;

namespace SlabGen.Tests;

/// <summary>Every <c>using var runtime</c> of the tests is a check that nothing was left behind: Dispose reports, and here a report is a failure.</summary>
internal static class LeaksAreFailures
{
    // An assertion that fails leaves its objects behind, and what Dispose throws then would hide it.
    [ThreadStatic]
    private static Exception? t_lastAssertion;

    [ModuleInitializer]
    internal static void Handle()
    {
        if (typeof(LeaksAreFailures).IsCollectible)
        {
            return; // this assembly is a plugin's once more: an event of what stays would keep its load context
        }

        AppDomain.CurrentDomain.FirstChanceException += static (_, thrown) => t_lastAssertion = thrown.Exception is XunitException ? thrown.Exception : t_lastAssertion;
        SlabRuntime.LeaksFound += static report =>
        {
            if (report.HasLeaks)
            {
                throw new InvalidOperationException($"{report}{(t_lastAssertion is { } last ? $"\nThe last assertion that failed on this thread:\n{last}" : "")}", report.Error);
            }

            ExceptionDispatchInfo.Throw(report.Error!);
        };
    }
}
