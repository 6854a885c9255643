using System.Reflection;
using System.Runtime.Loader;
using Microsoft.Coyote;
using Microsoft.Coyote.SystematicTesting;

namespace SlabGen.Coyote;

/// <summary>
/// Runs each scenario again and again, each time in another order of its threads. What the process has of the library, its background threads
/// above all, is new each time: it lies in a load context of its own.
/// </summary>
internal static class Engine
{
    /// <returns>The number of scenarios that failed.</returns>
    public static int Run(int seconds, string? only)
    {
        string[] names = [.. typeof(Scenarios).GetMethods(BindingFlags.Public | BindingFlags.Static | BindingFlags.DeclaredOnly)
            .Select(method => method.Name).Where(name => only is null || name == only)];
        int failed = 0;
        foreach (string name in names)
        {
            Configuration configuration = Configuration.Create()
                .WithTelemetryEnabled(false)
                .WithTestingTimeout(Math.Max(1, seconds / names.Length))
                .WithTestingIterations(uint.MaxValue)
                .WithPotentialDeadlocksReportedAsBugs(false); // only those that are certain
            using TestingEngine engine = TestingEngine.Create(configuration, () => RunAnew(name));
            engine.Run();
            TestReport report = engine.TestReport;
            Console.WriteLine($"{name}: {report.NumOfExploredFairPaths + report.NumOfExploredUnfairPaths} orders, {report.NumOfFoundBugs} of them failed.");
            foreach (string bug in report.BugReports)
            {
                Console.WriteLine(bug);
            }

            failed += report.NumOfFoundBugs > 0 ? 1 : 0;
        }

        return names.Length == 0 ? 2 : failed;
    }

    private static void RunAnew(string scenario)
    {
        var context = new Own();
        try
        {
            Assembly own = context.LoadFromAssemblyPath(typeof(Engine).Assembly.Location);
            own.GetType(typeof(Scenarios).FullName!)!.GetMethod(scenario)!.Invoke(null, BindingFlags.DoNotWrapExceptions, null, null, null);
        }
        finally
        {
            context.Unload();
        }
    }

    private sealed class Own() : AssemblyLoadContext("scenario", isCollectible: true)
    {
        protected override Assembly? Load(AssemblyName name) =>
            name.Name == "SlabGen" ? LoadFromAssemblyPath(Path.Combine(AppContext.BaseDirectory, "SlabGen.dll")) : null;
    }
}
