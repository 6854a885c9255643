using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.Loader;

namespace SlabGen.Tests.Caches;

/// <summary>
/// Proves that a load context with caches can be unloaded, again and again, and leaves nothing: neither in a runtime that stays, nor of a SlabGen
/// of its own. SLABGEN_RELOADS says how often; by default a few times.
/// </summary>
[Collection("Alone")]
public sealed class LoadContextTests
{
    private static readonly int s_reloads = int.Parse(Environment.GetEnvironmentVariable("SLABGEN_RELOADS") ?? "3", CultureInfo.InvariantCulture);

    [Fact]
    public void A_plugin_that_shares_SlabGen_goes_and_so_do_its_caches()
    {
        int[] destructed = [0];
        AppContext.SetData("SlabGen.Tests.Destructed", destructed);
        for (int i = 0; i < s_reloads; i++)
        {
            int before = destructed[0];
            AssertGoes(LoadAndUnload(ownSlabGen: false, nameof(PluginCode.Use)));
            Assert.True(destructed[0] > before, "the destructors ran");
            AssertBecomes(() => Caches().Length == 0, "the caches go");

            AssertGoes(LoadAndUnload(ownSlabGen: false, nameof(PluginCode.UseOnThreadsThatStay)));
            AssertBecomes(() => Caches().Length == 0, "the caches go");
        }

        Assert.Equal("PluginItem.by-hand", AppContext.GetData("SlabGen.Tests.Warned"));
        AppContext.SetData("SlabGen.Tests.Destructed", null);
    }

    [Fact]
    public void A_plugin_that_never_freed_an_object_goes_and_the_object_is_reported()
    {
        var reports = new List<LeakReport>();
        SlabRuntime.Default.LeakedByContext += Take;
        try
        {
            AssertGoes(LoadAndUnload(ownSlabGen: false, nameof(PluginCode.Leak)));
            AssertBecomes(() => reports.Count == 1, "it is reported");
            Assert.Equal(("PluginItem", 1L), (reports[0].CacheName, reports[0].LiveObjects));
            AssertBecomes(() => Caches().Length == 0, "the caches go");

            // What is freed late is no leak.
            AssertGoes(LoadAndUnload(ownSlabGen: false, nameof(PluginCode.FreeAtTheEnd)));
            AssertGoes(LoadAndUnload(ownSlabGen: false, nameof(PluginCode.FreeByFinalizer)));
            AssertBecomes(() => Caches().Length == 0, "the caches go after the contexts");
            Assert.Single(reports);
        }
        finally
        {
            SlabRuntime.Default.LeakedByContext -= Take;
        }

        void Take(LeakReport report) => reports.Add(report);
    }

    [Fact]
    public void A_plugin_goes_whose_cache_has_its_delegates_and_an_error_of_its_own_that_waits()
    {
        var reports = new List<LeakReport>();
        SlabRuntime.Default.LeakedByContext += reports.Add;
        AssertGoes(LoadAndUnload(ownSlabGen: false, nameof(PluginCode.UseDelegatesAndFail)));
        AssertBecomes(() => reports.Count == 1, "it is reported");
        SlabRuntime.Default.LeakedByContext -= reports.Add;
        Assert.Equal(("Plugin.delegates", 1L), (reports[0].CacheName, reports[0].LiveObjects));
        AssertBecomes(() => Caches().Length == 0, "the cache goes");
        Exception error = Assert.Throws<InvalidOperationException>(() => SlabRuntime.Default.Reclaim.Pending.Throw());
        Assert.Contains(nameof(PluginCode) + "+PluginException", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_plugin_with_its_own_SlabGen_goes_with_its_memory_timers_and_threads()
    {
        AssertGoes(LoadAndUnload(ownSlabGen: true, nameof(PluginCode.Use))); // before the interval of its runtime is over
        AssertGoes(LoadAndUnload(ownSlabGen: true, nameof(PluginCode.UseAll)));
        long before = AddressSpace();
        for (int i = 0; i < s_reloads; i++)
        {
            AssertGoes(LoadAndUnload(ownSlabGen: true, nameof(PluginCode.UseAll)));
        }

        // Each has reserved its memory limit at least. No other test runs beside this one.
        long grown = AddressSpace() - before;
        Assert.True(grown < SlabRuntime.Default.MemoryLimit, $"{grown} bytes of addresses were kept by {s_reloads} contexts.");
    }

    private static long AddressSpace() => OperatingSystem.IsLinux()
        ? long.Parse(File.ReadAllText("/proc/self/statm").Split(' ')[0], CultureInfo.InvariantCulture) * Environment.SystemPageSize
        : 0;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference LoadAndUnload(bool ownSlabGen, string method)
    {
        var context = new PluginContext(ownSlabGen);
        Assembly plugin = context.LoadFromAssemblyPath(typeof(PluginCode).Assembly.Location);
        Assert.NotSame(typeof(PluginCode).Assembly, plugin);
        plugin.GetType(typeof(PluginCode).FullName!)!.GetMethod(method)!.Invoke(null, null);
        if (!ownSlabGen)
        {
            Assert.NotEmpty(Caches());
        }

        context.Unload();
        return new WeakReference(context, trackResurrection: true);
    }

    private static KmemCache[] Caches() => [.. SlabRuntime.Default.Caches.Where(cache => cache.Name.StartsWith("Plugin", StringComparison.Ordinal))];

    private static void AssertGoes(WeakReference context) => AssertBecomes(() => !context.IsAlive, "the context goes");

    private static void AssertBecomes(Func<bool> condition, string what)
    {
        for (int i = 0; !condition(); i++)
        {
            Assert.True(i < 3000, $"Waited for: {what}.");
            GC.Collect();
            GC.WaitForPendingFinalizers();
            Thread.Sleep(i < 20 ? 1 : 20);
        }
    }

    private sealed class PluginContext(bool ownSlabGen) : AssemblyLoadContext("plugin", isCollectible: true)
    {
        protected override Assembly? Load(AssemblyName assemblyName) =>
            ownSlabGen && assemblyName.Name == "SlabGen" ? LoadFromAssemblyPath(typeof(SlabRuntime).Assembly.Location) : null;
    }
}
