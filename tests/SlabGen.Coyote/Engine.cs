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
    private const int AtOnce = 5;

    /// <returns>The number of scenarios that failed.</returns>
    public static int Run(int seconds, string? only)
    {
        string[] names = [.. typeof(Scenarios).GetMethods(BindingFlags.Public | BindingFlags.Static | BindingFlags.DeclaredOnly)
            .Select(method => method.Name).Where(name => only is null || name == only)];
        int failed = 0;
        foreach (string name in names)
        {
            // Bounded by orders and not by time: Coyote cannot end one in its middle without harm to itself.
            int orders = 0;
            string[] bugs = [];
            for (long until = Environment.TickCount64 + (seconds * 1000L / names.Length); bugs.Length == 0 && Environment.TickCount64 < until; orders += AtOnce)
            {
                Configuration configuration = Configuration.Create()
                    .WithTelemetryEnabled(false)
                    .WithTestingIterations(AtOnce)
                    .WithPotentialDeadlocksReportedAsBugs(false); // only those that are certain
                using TestingEngine engine = TestingEngine.Create(configuration, () => RunAnew(name));
                engine.Run();
                bugs = [.. engine.TestReport.BugReports];
            }

            Console.WriteLine($"{name}: {orders} orders, {(bugs.Length == 0 ? "none failed" : "one of the last failed")}.");
            foreach (string bug in bugs)
            {
                Console.WriteLine(bug);
            }

            failed += bugs.Length > 0 ? 1 : 0;
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
